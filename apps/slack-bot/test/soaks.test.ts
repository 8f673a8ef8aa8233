import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { running, stopped } from "./BotProcess.ts"
import { buttonsOf, eventually, makeWorld, messageWith } from "./World.ts"

type World = Effect.Effect.Success<ReturnType<typeof makeWorld>>

/** Rita lets keys soak: she asks, types the phrase, and Otto approves where the settings ask for that. */
const letSoak = ({ slack }: World, keys: string, after: string, keysAre: string) =>
  Effect.gen(function* () {
    yield* Effect.promise(() =>
      slack.command("rita", `disable ${keys} then-delete after:${after} reason:"the event is over"`)
    )
    const planned = yield* messageWith(slack, `Plan: disable ${keysAre}, then delete`)
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    const modal = yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
    const phrase = /delete \d+ acct_[a-z2-7]{16}/.exec(JSON.stringify(modal))?.[0] ?? ""
    yield* Effect.promise(() => slack.submit("rita", { phrase }))
    return planned
  })

const soakingText = "Soaking until"
const alone = (timeScale: number) => ({ approvals: "delete: 0", emulator: { timeScale } })

/** The runs on record that deleted keys, and the requests that did. */
const deletions = ({ records, upstream }: World) =>
  Effect.gen(function* () {
    const runs = (yield* records).filter(({ event }) => event._tag === "RunStarted" && event.action === "delete")
    const sent = (yield* upstream.requests).filter(({ path, status }) => path.endsWith("/remove") && status === 200)
    return [runs.length, sent.length]
  })

it.live(
  "what soaks is deleted by itself when its time has come, in the message of the plan that was confirmed and approved",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ emulator: { timeScale: 600 } })
      const { active, names, slack, start, verification } = world
      const { stop } = yield* start
      const planned = yield* letSoak(world, "key:github-ci key:staging", "20m", "2 keys")
      const waiting = yield* messageWith(slack, "Waiting for another person")
      assert.include(yield* active, "github-ci")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      const soaking = yield* messageWith(slack, soakingText)
      assert.include(JSON.stringify(soaking), "/keysweep undo run_")
      assert.notInclude(yield* active, "github-ci")
      assert.include(yield* names, "github-ci")
      const done = yield* messageWith(slack, "Done: disable 2 keys, then delete")
      assert.match(JSON.stringify(done), /2 keys deleted after the soak.*Anchor `\d+:[0-9a-f]{64}`/)
      assert.deepStrictEqual([done.ts, buttonsOf(done)], [planned.ts, []])
      assert.notInclude(yield* names, "github-ci")
      assert.deepStrictEqual(yield* deletions(world), [1, 2])
      assert.lengthOf(slack.shown(), 2)
      yield* stop
      assert.isTrue((yield* verification).ok)
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)
