import { Args, Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { project } from "@keysweep/audit/Projection"
import { encodeSoaking, soakingOf } from "@keysweep/revocation/DueReport"
import { incidentIn } from "@keysweep/revocation/masterkey/Incident"
import { DateTime, Effect } from "effect"
import { withBooks } from "../../Books.ts"
import { UsageError } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { soakingText } from "../../render/DueText.ts"
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
      const { runs, soaks } = project(all)
      const found = runs.get(id)
      const soaking = soakingOf(new Map([...soaks].filter(([, { run }]) => run === id)), yield* DateTime.now)
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
          soaking: encodeSoaking(soaking),
          incident: incidentDocument(incident),
          records: shown
        })
      }
      const { out } = yield* Output
      const width = yield* out.width
      const soak = soaking.keys.length === 0 ? "" : `${soakingText(soaking, yield* DateTime.now, out.style, width)}\n\n`
      yield* print(`${runsText([found], out.style, width)}\n\n${soak}${logText(records, out.style, width)}`)
      if (incident !== null) yield* print(`\n${incidentText(incident)}`)
    })
  )
)
