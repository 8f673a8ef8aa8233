import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { keysCalled } from "./Seeds.ts"
import { answerWith, eventually, makeWorld, messageWith } from "./World.ts"

it.live(
  "over HTTP: a long list comes as a file to whoever asked, a long plan as one below its message; a panic by its form",
  () =>
    Effect.gen(function* () {
      const { active, records, slack, start } = yield* makeWorld({
        emulator: keysCalled(Array.from({ length: 50 }, (_, at) => `ci-${at}`))
      })
      const { stop } = yield* start
      yield* Effect.promise(() => slack.command("rita", "list"))
      yield* answerWith(slack, "keys.csv, which I have sent to you alone")
      yield* Effect.promise(() => slack.command("rita", "disable all reason:leak"))
      yield* messageWith(slack, "Plan: disable 50 keys")
      const [list, plan] = yield* eventually("both files", () => (slack.files.length === 2 ? slack.files : undefined))
      assert.notStrictEqual(list?.channel, slack.channel)
      assert.lengthOf(list?.text.split("\r\n") ?? [], 51)
      assert.deepStrictEqual([plan?.channel, plan?.thread], [slack.channel, slack.shown()[0]?.ts])

      yield* Effect.promise(() => slack.command("rita", "panic reason:leak"))
      const form = yield* eventually("the form with both ways", () => {
        const view = slack.views.get(slack.user("rita"))
        return JSON.stringify(view ?? "").includes("panic disable") ? view : undefined
      })
      const phrase = /panic disable 50 acct_[a-z2-7]{16}/.exec(JSON.stringify(form))?.[0] ?? ""
      const wrong = yield* Effect.promise(() => slack.submit("rita", { phrase: "panic" }))
      assert.include(wrong.body, "neither of the two phrases")
      yield* Effect.promise(() => slack.submit("rita", { phrase }))
      yield* messageWith(slack, "Done: panic disable 50")
      yield* stop
      assert.deepStrictEqual(yield* active, [])
      const began = (yield* records).flatMap(({ actor, event }) =>
        event._tag === "RunStarted" ? [[actor.name, event.panic]] : []
      )
      assert.deepStrictEqual(began, [[`slack:${slack.user("rita")}`, true]])
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)
