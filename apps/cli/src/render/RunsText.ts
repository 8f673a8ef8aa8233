import { type RunView, unsettledCalls } from "@keysweep/audit/Projection"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

/** What the log says of each run, oldest first. */
export const runsText = (runs: ReadonlyArray<RunView>, style: Style, width: number): string =>
  table(
    [
      { title: "RUN" },
      { title: "STARTED (UTC)" },
      { title: "WHO", shrinksTo: 8, drop: 2 },
      { title: "ACTION" },
      { title: "KEYS", right: true },
      { title: "OUTCOME" },
      { title: "REASON", shrinksTo: 12, drop: 1, wraps: true }
    ],
    runs.map((run) => [
      { text: run.id },
      { text: time(run.startedAt) },
      { text: oneLine(run.actor.name, 30) },
      { text: oneLine(run.renewsMasterKey ? "master key" : (run.started?.action ?? "backup only"), 20) },
      { text: run.started === null ? "" : String(run.started.keys.length) },
      outcomeOf(run, style),
      { text: oneLine(run.started?.reason ?? "", 600), paint: style.dim }
    ]),
    width,
    style.bold
  )

const outcomeOf = ({ finished, renewsMasterKey, started }: RunView, style: Style) => {
  if (finished !== null) {
    const text = oneLine(finished.outcome, 20)
    return { text, paint: text === "done" ? style.green : style.red }
  }
  return started === null && !renewsMasterKey ? { text: "" } : { text: "unfinished", paint: style.yellow }
}

export const runDocument = (run: RunView) => ({
  id: run.id,
  startedAt: DateTime.formatIso(run.startedAt),
  actor: run.actor,
  surface: run.surface,
  action: run.renewsMasterKey ? "master-key" : (run.started?.action ?? null),
  plan: run.started?.plan ?? null,
  keys: run.started?.keys ?? [],
  reason: run.started?.reason ?? null,
  backups: run.backups,
  outcome: run.finished?.outcome ?? null,
  finishedAt: run.finished === null ? null : DateTime.formatIso(run.finished.at),
  /** Requests of which nobody knows whether they had their effect. */
  unsettled: unsettledCalls(run).length
})

const time = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 19).replace("T", " ")
