import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { inDatabase } from "./Database.ts"
import { answerWith, eventually, makeWorld, messageWith } from "./World.ts"

it.live("a 429 and a 500 on a change of the message are waited for, and the receipt is shown", () =>
  Effect.gen(function* () {
    const { active, slack, start } = yield* makeWorld()
    const { stop } = yield* start
    yield* Effect.promise(() => slack.command("rita", "disable key:github-ci reason:clean-up"))
    const planned = yield* messageWith(slack, "Plan: disable 1 key")
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
    slack.faults.push({ method: "chat.update", status: 429, retryAfter: 1 }, { method: "chat.update", status: 500 })
    yield* Effect.promise(() => slack.submit("rita"))
    yield* messageWith(slack, "Done: disable 1 key")
    yield* stop
    assert.isEmpty(slack.faults)
    assert.notInclude(yield* active, "github-ci")
  }).pipe(Effect.scoped)
)

it.live("a look that fails leaves the request to the next one at once, and it goes on where it was", () =>
  Effect.gen(function* () {
    const { database, slack, start } = yield* makeWorld()
    const { stop } = yield* start
    yield* Effect.promise(() => slack.command("rita", "disable key:github-ci reason:clean-up"))
    const planned = yield* messageWith(slack, "Plan: disable 1 key")
    yield* inDatabase(
      database,
      (sql) => sql`update keysweep_slack_request set taken = '{"how":"ru', look = 10, looking = false, wake_at = now()`
    )
    const failed = inDatabase(
      database,
      (sql) => sql`select from keysweep_slack_request
        where look > 10 and not looking and wake_at < clock_timestamp() + interval '6 seconds'`
    )
    yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), failed), { until: (rows) => rows.length > 0 })
    yield* inDatabase(database, (sql) => sql`update keysweep_slack_request set taken = null`)
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
    yield* Effect.promise(() => slack.submit("rita"))
    yield* messageWith(slack, "Done: disable 1 key")
    yield* stop
  }).pipe(Effect.scoped)
)

it.live("a message that may not have been taken is not sent again: whoever asked is told", () =>
  Effect.gen(function* () {
    const { slack, start } = yield* makeWorld()
    const { stop } = yield* start
    slack.faults.push({ method: "chat.postMessage", status: 500 })
    yield* Effect.promise(() => slack.command("rita", "disable key:github-ci reason:clean-up"))
    yield* answerWith(slack, "Slack refused chat.postMessage")
    yield* stop
    assert.lengthOf(
      slack.calls.filter(({ method }) => method === "chat.postMessage"),
      1
    )
  }).pipe(Effect.scoped)
)
