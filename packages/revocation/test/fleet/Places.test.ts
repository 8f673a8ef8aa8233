import { assert, describe, it } from "@effect/vitest"
import { Place } from "@keysweep/core/Place"
import { Effect, Fiber, Ref, TestClock } from "effect"
import { across } from "../../src/fleet/Fleet.ts"
import { makePlaces } from "../../src/fleet/Places.ts"

/** Counts how many are at work at once, and the most that ever were. */
const makeCounter = Effect.map(Ref.make({ now: 0, most: 0 }), (ref) => ({
  most: Effect.map(Ref.get(ref), ({ most }) => most),
  counted: <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Ref.update(ref, ({ most, now }) => ({ now: now + 1, most: Math.max(most, now + 1) })),
      () => work,
      () => Ref.update(ref, ({ most, now }) => ({ now: now - 1, most }))
    )
}))

const waiting = (time: "1 second" | "1 minute") => Effect.flatMap(Place, (place) => place.away(Effect.sleep(time)))

const many = Array.from({ length: 20 }, (_, at) => at)

describe("Places", () => {
  it.effect("what waits for its rate limit leaves its place, and never are more at work than there are places", () =>
    Effect.gen(function* () {
      const inPlace = yield* makePlaces(2)
      const counter = yield* makeCounter
      const step = counter.counted(Effect.yieldNow())
      const all = yield* Effect.fork(
        Effect.forEach(many, () => inPlace(Effect.repeatN(Effect.zipRight(step, waiting("1 minute")), 2)), {
          concurrency: "unbounded"
        })
      )
      // One after another they would take an hour.
      yield* TestClock.adjust("3 minutes")
      yield* Fiber.join(all)
      assert.strictEqual(yield* counter.most, 2)
    })
  )

  it.effect("one that is stuck holds its place for some seconds and no longer", () =>
    Effect.gen(function* () {
      const inPlace = yield* makePlaces(2)
      const stuck = yield* Effect.fork(Effect.forEach(many, () => inPlace(Effect.never), { concurrency: "unbounded" }))
      const last = yield* Effect.fork(inPlace(Effect.void))
      yield* TestClock.adjust("50 seconds")
      yield* Fiber.join(last)
      yield* Fiber.interrupt(stuck)
    })
  )

  it.effect("whoever is interrupted gives back what it had, once", () =>
    Effect.gen(function* () {
      const inPlace = yield* makePlaces(2)
      const counter = yield* makeCounter
      const crowd = (work: Effect.Effect<void, never, Place>) =>
        Effect.fork(Effect.forEach(many, () => inPlace(work), { concurrency: "unbounded" }))
      const gone = yield* Effect.all([
        crowd(Effect.never),
        crowd(waiting("1 minute")),
        crowd(Effect.zipRight(waiting("1 second"), Effect.never))
      ])
      yield* TestClock.adjust("7 seconds")
      yield* Effect.forEach(gone, Fiber.interrupt)
      const next = yield* crowd(counter.counted(Effect.sleep("1 second")))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(next)
      assert.strictEqual(yield* counter.most, 2)
    })
  )

  it.effect("of very many accounts 250 have begun and are not done: each holds memory", () =>
    Effect.gen(function* () {
      const begun = yield* Ref.make(0)
      const enough = yield* Effect.makeLatch()
      const forEver = Effect.gen(function* () {
        const place = yield* Place
        if ((yield* Ref.updateAndGet(begun, (n) => n + 1)) === 250) yield* enough.open
        return yield* place.away(Effect.never)
      })
      const all = yield* Effect.fork(across(Array.from({ length: 251 }, String), () => forEver))
      yield* enough.await
      yield* Effect.yieldNow()
      assert.strictEqual(yield* Ref.get(begun), 250)
      yield* Fiber.interrupt(all)
    })
  )
})
