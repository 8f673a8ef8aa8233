import { assert, it } from "@effect/vitest"
import { DateTime, Either } from "effect"
import { untilAudit } from "../src/AuditSchedule.ts"
import { parseSettings } from "../src/Settings.ts"

const at = (time: string) => DateTime.unsafeMake(`2026-11-21T${time}:00Z`)
const hour = 3_600_000
const daily = { channel: "C1", at: "07:30" }
const settingsWith = (audit: string) => parseSettings("keysweep.yaml", `slack: { audit: ${audit} }`)
const hourly = Either.getOrThrow(settingsWith("{ channel: C1, every: 2h }")).slack.audit ?? assert.fail("not read")

it("an audit is due when its time of the day has come, and one that was missed is made up for once", () => {
  assert.strictEqual(untilAudit(daily, null, at("06:30"), 1), hour)
  assert.strictEqual(untilAudit(daily, at("06:30"), at("07:29"), 1), 60_000)
  assert.strictEqual(untilAudit(daily, at("06:30"), at("07:30"), 1), 0)
  assert.strictEqual(untilAudit(daily, at("07:30"), at("07:31"), 1), 24 * hour - 60_000)
  assert.strictEqual(untilAudit(daily, DateTime.subtract(at("07:30"), { days: 9 }), at("03:00"), 1), 0)
})

it("an audit is due every so often, the first at once; the clock of a scaled account divides that", () => {
  assert.strictEqual(untilAudit(hourly, null, at("06:30"), 1), 0)
  assert.strictEqual(untilAudit(hourly, at("06:30"), at("07:30"), 1), hour)
  assert.strictEqual(untilAudit(hourly, at("06:30"), at("08:31"), 1), 0)
  assert.strictEqual(untilAudit(hourly, at("06:30"), at("06:30"), 2), hour)
})

it.each([
  "{ channel: C1 }",
  "{ channel: C1, every: 1d, at: '07:30' }",
  "{ channel: C1, every: 5m }",
  "{ at: '25:00' }"
])("an audit of %s is refused", (audit) => {
  assert.isTrue(Either.isLeft(settingsWith(audit)))
})
