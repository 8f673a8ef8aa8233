import { RunId } from "@keysweep/audit/RunId"
import type { LogView } from "@keysweep/audit/Projection"
import { AccountId } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Schema } from "effect"
import { Outcome } from "./Outcome.ts"
import { Receipt } from "./Receipt.ts"
import { nextDeadline } from "./Soak.ts"

const key = { id: KeyId, name: Schema.String, run: RunId }

/** A disabled key that is to be deleted, by the run that disabled it. */
const SoakingKey = Schema.Struct({
  ...key,
  since: Schema.DateTimeUtc,
  until: Schema.DateTimeUtc,
  /** Who was seen to miss it: it is not deleted by itself any more. */
  alarm: Schema.NullOr(Schema.String)
})
export type SoakingKey = typeof SoakingKey.Type

/** What soaks on an account, by its log. */
export const Soaking = Schema.Struct({
  keys: Schema.Array(SoakingKey),
  /** When the next soak ends; `null`: none is under way. One that is over and was not acted on does not count. */
  next: Schema.NullOr(Schema.DateTimeUtc)
})
export type Soaking = typeof Soaking.Type

/** What was due, what came of it, and what the watch over soaking keys has seen. */
export const DueReport = Schema.Struct({
  schema: Schema.Literal("keysweep.due/1"),
  account: AccountId,
  at: Schema.DateTimeUtc,
  /** `nothing`: nothing was due and nothing was seen. `blocked`: an alarm, or something due that may not be done now. */
  outcome: Outcome,
  /** One for each run whose keys were due. */
  receipts: Schema.Array(Receipt),
  /** Keys that somebody is seen to miss, since the last time that somebody looked. */
  alarms: Schema.Array(Schema.Struct({ ...key, why: Schema.String })),
  /** Keys that soak no more and were not deleted by us. */
  ended: Schema.Array(Schema.Struct({ ...key, how: Schema.String })),
  /** What is due and was not done; it is tried again the next time. */
  waiting: Schema.Array(
    Schema.Struct({ run: RunId, outcome: Outcome, why: Schema.String, lift: Schema.Array(Schema.String) })
  ),
  soaking: Soaking
}).annotations({ identifier: "DueReport" })
export type DueReport = typeof DueReport.Type

export const encodeSoaking = Schema.encodeSync(Soaking)

export const encodeDueReport = Schema.encodeSync(DueReport)

export const soakingOf = (soaks: LogView["soaks"], now: DateTime.Utc): Soaking => ({
  keys: [...soaks.values()].map(({ alarm, key, run, since, until }) => ({
    id: key.id,
    name: key.name,
    run,
    since,
    until,
    alarm
  })),
  next: nextDeadline(soaks, now)
})

/** The worst of what happened. */
export const dueOutcome = ({
  alarms,
  receipts,
  waiting
}: Pick<DueReport, "alarms" | "receipts" | "waiting">): Outcome => {
  const ends = [...receipts, ...waiting].map(({ outcome }) => outcome)
  const bad = ends.find((outcome) => outcome !== "done" && outcome !== "blocked")
  if (bad !== undefined) return bad
  if (alarms.length > 0 || ends.includes("blocked")) return "blocked"
  return receipts.length > 0 ? "done" : "nothing"
}
