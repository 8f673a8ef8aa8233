import { assert, it } from "@effect/vitest"
import type { Fault } from "@keysweep/testkit/SlackFront"
import { Effect } from "effect"
import { inDatabase } from "./Database.ts"
import { answerWith, buttonsOf, eventually, makeWorld, messageWith } from "./World.ts"

/** Nobody waits for the minute after which something is tried again. */
const atOnce = <A>(database: string, until: Effect.Effect<A>) =>
  Effect.raceFirst(
    until,
    Effect.forever(
      Effect.zipRight(
        Effect.sleep("50 millis"),
        inDatabase(
          database,
          (sql) => sql`update keysweep_slack_request set wake_at = clock_timestamp() where told is null and not looking`
        )
      )
    )
  )

it.live("whatever Slack refuses of what is said, what was confirmed is done once, and somebody is told", () =>
  Effect.gen(function* () {
    const { active, database, slack, start, upstream } = yield* makeWorld()
    const { stop } = yield* start
    const posts = () => slack.calls.filter(({ method }) => method === "chat.postMessage").length

    const planned = (key: string, ...faults: ReadonlyArray<Fault>) =>
      Effect.gen(function* () {
        slack.faults.push(...faults)
        yield* Effect.promise(() => slack.command("rita", `disable key:"${key}" reason:clean-up`))
        return yield* messageWith(slack, `• ${key}: active`)
      })
    const confirmed = (key: string, ...faults: ReadonlyArray<Fault>) =>
      Effect.gen(function* () {
        const message = yield* planned(key)
        yield* Effect.promise(() => slack.press("rita", message, "confirm"))
        yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
        slack.faults.push(...faults)
        yield* Effect.promise(() => slack.submit("rita"))
        return message
      })
    const shown = (ts: string, text: string) =>
      eventually(text, () => slack.shown().find((it) => it.ts === ts && JSON.stringify(it).includes(text)))

    // Slack says that it did not take it: it is sent again when it may. A reset says nothing, so it is not.
    const late = yield* planned("github-ci", { method: "chat.postMessage", status: 429, retryAfter: 1 })
    assert.strictEqual(posts(), 2)
    slack.faults.push({ method: "chat.postMessage", status: "reset" })
    yield* Effect.promise(() => slack.command("rita", "disable key:staging reason:clean-up"))
    yield* answerWith(slack, "Slack refused chat.postMessage: no answer")
    assert.strictEqual(posts(), 3)

    // The form came too late: the button is still there.
    slack.faults.push({ method: "views.open", status: 200, error: "expired_trigger_id" })
    yield* Effect.promise(() => slack.press("rita", late, "confirm"))
    yield* answerWith(slack, "came too late. Nothing was changed: do it once more.")
    assert.deepStrictEqual(buttonsOf(late), ["confirm", "cancel"])

    // A reset of a change is sent again; what is too long is said briefly.
    const cut = yield* confirmed("staging", { method: "chat.update", status: "reset" })
    yield* shown(cut.ts, "Done: disable 1 key")
    const tooLong: Fault = { method: "chat.update", status: 200, error: "msg_too_long" }
    const long = yield* confirmed("jonas laptop", tooLong, tooLong, tooLong)
    const brief = yield* shown(long.ts, "Done: disable 1 key")
    assert.deepStrictEqual(buttonsOf(brief), [])

    // The token is revoked in the middle: the run comes to its end all the same.
    const revoked: Fault = { method: "chat.update", status: 200, error: "token_revoked" }
    const blind = yield* confirmed("everything key", ...Array.from({ length: 20 }, () => revoked))
    while ((yield* active).includes("everything key")) yield* Effect.sleep("20 millis")
    slack.faults.splice(0)
    slack.faults.push({ method: "chat.postMessage", status: 200, error: "token_revoked" })
    yield* Effect.promise(() => slack.command("rita", "disable key:production-web reason:clean-up"))
    yield* answerWith(slack, "Slack refused chat.postMessage: token_revoked")
    yield* atOnce(database, shown(blind.ts, "Done: disable 1 key"))

    // Somebody has removed the message: what is shown next is posted anew.
    const removed = yield* planned("new-search (not live)")
    yield* Effect.promise(() =>
      fetch(`${slack.apiUrl}chat.delete`, {
        method: "POST",
        headers: { authorization: `Bearer ${slack.token}`, "content-type": "application/json" },
        body: JSON.stringify({ channel: removed.channel, ts: removed.ts })
      })
    )
    yield* Effect.promise(() => slack.press("rita", removed, "confirm"))
    yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
    yield* Effect.promise(() => slack.submit("rita"))
    const anew = yield* messageWith(slack, "new-search (not live): disabled")
    assert.notStrictEqual(anew.ts, removed.ts)
    assert.deepStrictEqual([anew.thread, buttonsOf(anew)], [null, []])
    yield* stop

    assert.includeMembers(yield* active, ["github-ci", "production-web"])
    const toggles = (yield* upstream.requests).filter(({ path }) => path.includes("/toggle"))
    assert.lengthOf(toggles, 4)
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)
