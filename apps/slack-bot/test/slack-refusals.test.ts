import { assert, it } from "@effect/vitest"
import type { Fault } from "@keysweep/testkit/SlackFront"
import { Effect } from "effect"
import { answerWith, buttonsOf, eventually, makeWorld, messageWith } from "./World.ts"

it.live("whatever Slack refuses of what is said, what was confirmed is done once, and somebody is told", () =>
  Effect.gen(function* () {
    const { active, slack, start, upstream } = yield* makeWorld()
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
    yield* confirmed("everything key", ...Array.from({ length: 20 }, () => revoked))
    while ((yield* active).includes("everything key")) yield* Effect.sleep("20 millis")
    slack.faults.splice(0)
    slack.faults.push({ method: "chat.postMessage", status: 200, error: "token_revoked" })
    yield* Effect.promise(() => slack.command("rita", "disable key:production-web reason:clean-up"))
    yield* answerWith(slack, "Slack refused chat.postMessage: token_revoked")
    yield* stop

    assert.includeMembers(yield* active, ["github-ci", "production-web"])
    const toggles = (yield* upstream.requests).filter(({ path }) => path.includes("/toggle"))
    assert.lengthOf(toggles, 3)
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)
