import { Args, Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { project } from "@keysweep/audit/Projection"
import { incidentIn } from "@keysweep/revocation/masterkey/Incident"
import { Effect } from "effect"
import { withBooks } from "../../Books.ts"
import { UsageError } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { incidentDocument, incidentText } from "../../render/IncidentText.ts"
import { logDocument, logText } from "../../render/LogText.ts"
import { runDocument, runsText } from "../../render/RunsText.ts"
import { runId } from "../../RunWord.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const run = Args.text({ name: "RUN" }).pipe(Args.withDescription("a run's id"))

export const runsShow = verb(
  { about: "Show one run, record by record.", examples: ["keysweep runs show run_…"] },
  Command.make("show", { run, account, json }, (typed) =>
    Effect.gen(function* () {
      const id = yield* runId(typed.run)
      const { account, all } = yield* withBooks(typed.account, (account) =>
        Effect.map(
          Effect.flatMap(Log, (log) => log.records),
          (all) => ({ account, all })
        )
      )
      const found = project(all).runs.get(id)
      if (found === undefined) {
        return yield* new UsageError({ detail: `${account} has no run ${id}.`, next: ["keysweep runs list"] })
      }
      const records = all.filter((record) => record.run === id)
      const last = records.at(-1)?.seq ?? 0
      const incident =
        found.renewsMasterKey || found.started?.panic === true ? incidentIn(all.filter(({ seq }) => seq <= last)) : null
      if (typed.json) {
        const { records: shown } = logDocument(account, records)
        return yield* printDocument({
          schema: "keysweep.run/1",
          account,
          ...runDocument(found),
          incident: incidentDocument(incident),
          records: shown
        })
      }
      const { out } = yield* Output
      const width = yield* out.width
      yield* print(`${runsText([found], out.style, width)}\n\n${logText(records, out.style, width)}`)
      if (incident !== null) yield* print(`\n${incidentText(incident)}`)
    })
  )
)
