import { DateTime, Duration, Schema } from "effect"
import { DurationText } from "./DurationText.ts"

/** When and where an audit is posted by itself: every so often, or every day at a time of the day. */
export const AuditSchedule = Schema.Struct({
  /** Slack channel: `C…`. */
  channel: Schema.NonEmptyString,
  every: Schema.optional(
    DurationText.pipe(Schema.filter((time) => Duration.toHours(time) >= 1 || "needs to be an hour at least"))
  ),
  /** `07:30`, UTC. */
  at: Schema.optional(
    Schema.String.pipe(
      Schema.pattern(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, { message: () => "needs a time of the day, UTC: 07:30" })
    )
  )
}).pipe(Schema.filter((it) => (it.every === undefined) !== (it.at === undefined) || "needs either every or at"))
export type AuditSchedule = typeof AuditSchedule.Type

/**
 * Milliseconds until the next audit; 0: now. One that was missed is made up for by one, whenever somebody looks again.
 *
 * @param last when the last one was made, or when somebody first looked; `null`: never
 * @param timeScale divides `every`
 */
export const untilAudit = (
  { at, every }: AuditSchedule,
  last: DateTime.Utc | null,
  now: DateTime.Utc,
  timeScale: number
): number => {
  if (every !== undefined) {
    return last === null ? 0 : Math.max(0, Duration.toMillis(every) / timeScale - DateTime.distance(last, now))
  }
  const [hours = 0, minutes = 0] = (at ?? "").split(":").map(Number)
  const today = DateTime.setPartsUtc(now, { hours, minutes, seconds: 0, millis: 0 })
  const latest = DateTime.lessThanOrEqualTo(today, now) ? today : DateTime.subtract(today, { days: 1 })
  if (last !== null && DateTime.lessThan(last, latest)) return 0
  return DateTime.distance(now, DateTime.add(latest, { days: 1 }))
}
