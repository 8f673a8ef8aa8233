import { Journal } from "@keysweep/core/Journal"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Stream } from "effect"
import { type AuditEvent, Held, HoldLifted, RunStarted } from "../src/Event.ts"
import { Log } from "../src/Log.ts"
import { layer as journal } from "../src/LogJournal.ts"
import { LogStore } from "../src/LogStore.ts"
import { key, numbers, operator, runId, said } from "./support/Fixture.ts"
import { kinds, type Place, withLogAt } from "./support/Place.ts"

const run = runId(1)
const [one, two] = [key(1).id, key(2).id]

/** A run under way: calls through its journal, what other programs write meanwhile, and what was sent. */
const underWay = (place: Place) =>
  Effect.gen(function* () {
    const before = yield* withLogAt(place, (log) => log.append(Held.make({ plan: null, why: "over" })))
    const opened = Layer.provide(Log.layer(place.account), operator)
    const context = yield* Layer.build(
      journal(run, { plans: ["p1"], seq: before.seq }).pipe(Layer.provideMerge(opened), Layer.provide(place.stores))
    )
    const { attempt } = yield* Effect.provide(Journal, context)
    const sent = yield* Ref.make<ReadonlyArray<KeyId | "all">>([])
    const call = (intent: { readonly key: KeyId } | { readonly keys: ReadonlyArray<KeyId> }) =>
      attempt(
        { call: "key" in intent ? "remove" : "delete-all", ...intent },
        Ref.update(sent, (all) => [...all, "key" in intent ? intent.key : ("all" as const)]),
        () => ({ result: "done" })
      ).pipe(
        Effect.as("sent"),
        Effect.catchTag("RunStopped", ({ by, stops }) => Effect.succeed(`${by} stops the ${stops}`))
      )
    const somebody = (event: AuditEvent) => withLogAt(place, (log) => log.append(event, runId(2)))
    const events = withLogAt(place, (log) => Effect.map(log.records, (all) => all.map(({ event }) => event)))
    return { attempt, call, somebody, sent, events }
  })

for (const { make, name } of kinds) {
  describe(`a run under way, with its log in ${name}`, () => {
    it.scopedLive("hears a hold before its next call; what is held is not sent, and that is on record", () =>
      Effect.gen(function* () {
        const { call, events, sent, somebody } = yield* underWay(yield* make)
        assert.strictEqual(yield* call({ key: one }), "sent")
        yield* somebody(Held.make({ plan: null, key: one, why: "in use" }))
        assert.strictEqual(yield* call({ key: one }), "hold stops the call")
        assert.strictEqual(yield* call({ key: two }), "sent")
        assert.strictEqual(yield* call({ keys: [two, one] }), "hold stops the run")
        yield* somebody(HoldLifted.make({ plan: null, key: one, why: "moved" }))
        yield* somebody(Held.make({ plan: "another plan", why: "not this one" }))
        assert.strictEqual(yield* call({ key: one }), "sent")
        yield* somebody(Held.make({ plan: "p1", why: "wait" }))
        assert.strictEqual(yield* call({ key: two }), "hold stops the run")
        yield* somebody(HoldLifted.make({ plan: "p1", why: "go" }))
        yield* somebody(Held.make({ plan: null, why: "freeze" }))
        assert.strictEqual(yield* call({ key: two }), "hold stops the run")
        assert.deepStrictEqual(yield* Ref.get(sent), [one, two, one])
        const outcomes = (yield* events).flatMap((event) =>
          event._tag === "CallSettled" ? [event.outcome.result] : []
        )
        assert.deepStrictEqual(outcomes, ["done", "undone", "done", "undone", "done", "undone", "undone"])
      })
    )

    it.scopedLive("a hold of a key that was there before is no reason not to make another one", () =>
      Effect.gen(function* () {
        const { attempt, somebody } = yield* underWay(yield* make)
        yield* somebody(Held.make({ plan: null, key: one, why: "in use" }))
        const create = (replaced: KeyId) =>
          attempt({ call: "create", key: replaced, keys: [one, two] }, Effect.succeed("sent"), () => ({
            result: "done"
          }))
        assert.strictEqual(yield* create(two), "sent")
        assert.strictEqual((yield* Effect.flip(create(one)))._tag, "RunStopped")
      })
    )

    it.scopedLive("hears a panic, and nothing lifts that; a run of the ordinary kind stops nobody", () =>
      Effect.gen(function* () {
        const { call, sent, somebody } = yield* underWay(yield* make)
        const started = { plan: "p2", digest: "d", action: "disable", keys: [one], reason: null }
        yield* somebody(RunStarted.make(started))
        assert.strictEqual(yield* call({ key: one }), "sent")
        yield* somebody(RunStarted.make({ ...started, panic: true }))
        assert.strictEqual(yield* call({ key: one }), "panic stops the run")
        assert.strictEqual(yield* call({ key: two }), "panic stops the run")
        assert.deepStrictEqual(yield* Ref.get(sent), [one])
      })
    )

    it.scopedLive("looks at the log only where somebody else has written", () =>
      Effect.gen(function* () {
        const place = yield* make
        const reads = yield* Ref.make(0)
        const counting = Layer.effect(
          LogStore,
          Effect.map(LogStore, (store) =>
            LogStore.of({
              signer: store.signer,
              open: (account) =>
                Effect.map(store.open(account), (log) => ({
                  ...log,
                  lines: (from) =>
                    Stream.unwrap(
                      Effect.as(
                        Ref.update(reads, (n) => n + 1),
                        log.lines(from)
                      )
                    )
                }))
            })
          )
        ).pipe(Layer.provide(place.stores))
        const { seq } = yield* withLogAt(place, (log) => log.append(said("begin")))
        const layer = journal(run, { plans: ["p1"], seq }).pipe(
          Layer.provide(Log.layer(place.account)),
          Layer.provide(Layer.merge(counting, operator))
        )
        const { attempt } = yield* Effect.provide(Journal, yield* Layer.build(layer))
        const calls = Effect.forEach(
          numbers(20),
          () => attempt({ call: "remove", key: one }, Effect.void, () => ({ result: "done" })),
          { concurrency: 4 }
        )
        yield* calls
        const opening = yield* Ref.get(reads)
        yield* calls
        assert.strictEqual(yield* Ref.get(reads), opening)
        yield* withLogAt(place, (log) => log.append(said("hello")))
        yield* calls
        assert.strictEqual(yield* Ref.get(reads), opening + 1)
      })
    )
  })
}
