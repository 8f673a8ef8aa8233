import { Log } from "@keysweep/audit/Log"
import { project, type RunView } from "@keysweep/audit/Projection"
import type { RunId } from "@keysweep/audit/RunId"
import { oneLine } from "@keysweep/core/SafeText"
import type { Soaking } from "@keysweep/revocation/DueReport"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Array as Arr, Effect } from "effect"
import { header, type Message, message, plain, rows } from "../Blocks.ts"
import { privately, type Reply } from "../Reply.ts"
import { counted, moment } from "../Words.ts"
import { recordRows } from "./log.ts"

/** What was run on the account, newest first, and what soaks; or one run, record by record. Without a request. */
export const runs = (wanted: RunId | null): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const view = project(records)
    if (wanted === null) {
      return { _tag: "Private", message: runsMessage([...view.runs.values()], yield* sweep.soaking) }
    }
    const found = view.runs.get(wanted)
    if (found === undefined) return privately(`There is no run ${wanted} on this account. /keysweep runs shows them.`)
    const mine = records.filter(({ run }) => run === wanted)
    return {
      _tag: "Private",
      message: message("One run.", [header(wanted), plain(runText(found)), ...recordRows(mine)])
    }
  })

export const runsMessage = (all: ReadonlyArray<RunView>, { keys, next }: Soaking): Message =>
  message(`${counted(all.length, "run")}.`, [
    header(all.length === 0 ? "No run yet" : counted(all.length, "run")),
    ...rows(Arr.reverse(all), runText, ""),
    ...(keys.length === 0
      ? []
      : [
          header(`${counted(keys.length, "key")} soaking`),
          ...rows(
            keys,
            ({ alarm, id, name, until }) =>
              `• ${oneLine(name, 60)}: ${alarm === null ? `deleted after ${moment(until)}` : `not deleted by itself: ${oneLine(alarm, 120)}`} (${id})`,
            ""
          ),
          ...(next === null ? [] : [plain(`Next: ${moment(next)}.`)])
        ])
  ])

const runText = (run: RunView): string => {
  const { actor, finished, id, renewsMasterKey, started, startedAt } = run
  const what = renewsMasterKey
    ? "master key"
    : started === null
      ? "backup only"
      : `${started.action} ${counted(started.keys.length, "key")}`
  const end =
    finished !== null
      ? oneLine(finished.outcome, 20)
      : started === null && !renewsMasterKey
        ? ""
        : "unfinished: /keysweep resume"
  const reason = started?.reason === null || started === null ? "" : `, because: ${oneLine(started.reason, 120)}`
  return `• ${moment(startedAt)}: ${what} by ${oneLine(actor.name, 40)}${end === "" ? "" : `: ${end}`}${reason} (${id})`
}
