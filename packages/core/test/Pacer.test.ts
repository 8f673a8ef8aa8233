import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Option, Queue } from "effect"
import type { Paced } from "../src/Paced.ts"
import { empty, type PacerState } from "../src/PacerState.ts"
import { type PacerStore, PacerStoreUnavailable } from "../src/PacerStore.ts"
import { elapsed, newStore, pacerOf, request } from "./support/PacedUpstream.ts"
import { SlidingWindow } from "./support/SlidingWindow.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

const reply = (limit: number, remaining: number): Paced => ({
  rate: Option.some({ limit, remaining }),
  cooldown: Option.none()
})
const lockOut: Paced = { rate: Option.none(), cooldown: Option.some(180_000) }

const inTime = <A, E>(test: (time: VirtualTime) => Effect.Effect<A, E, never>) => {
  const time = new VirtualTime()
  return time.run(test(time))
}

describe("Pacer", () => {
  it("a slot whose request was never sent is given back: a record that could not be made costs no request", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const { millis } = yield* elapsed(
            Effect.forEach(Array.from({ length: 20 }), () =>
              Effect.flip(pacer.paced(Effect.succeed(reply(5, 4)), () => Effect.fail("the log is full" as const)))
            )
          )
          assert.strictEqual(millis, 0)
          assert.deepStrictEqual((yield* pacer.state).slots, [])
        })
      )
    ))

  it("a slot whose request failed stays taken for a window", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const failing = Effect.flip(pacer.paced(Effect.fail("no reply" as const)))
          const { millis } = yield* elapsed(Effect.replicateEffect(failing, 5))
          assert.isAtLeast(millis, 60_000)
        })
      )
    ))

  it("a request interrupted under way keeps its slot as the worst case, and nobody waits for its reply", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const fiber = yield* Effect.fork(pacer.paced(Effect.never))
          yield* Effect.sleep(10)
          yield* Fiber.interrupt(fiber)
          const { slots } = yield* pacer.state
          assert.lengthOf(slots, 1)
          assert.isFalse(slots[0]?.open)
          const { millis } = yield* elapsed(pacer.paced(Effect.succeed(reply(5, 3))))
          assert.strictEqual(millis, 0)
          const rest = yield* elapsed(Effect.replicateEffect(pacer.paced(Effect.succeed(reply(5, 3))), 3))
          assert.isAtLeast(rest.millis, 60_000)
        })
      )
    ))

  it("the cooldown counts from the reply, also where what comes after the reply fails", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          yield* Effect.flip(
            pacer.paced(Effect.succeed(lockOut), (send) => Effect.zipRight(send, Effect.fail("no record" as const)))
          )
          const { millis } = yield* elapsed(pacer.paced(Effect.succeed(reply(5, 4))))
          assert.isAtLeast(millis, 180_000)
          assert.isAtMost(millis, 180_100)
        })
      )
    ))

  it("a store that fails after the request was sent changes nothing about its result, and the cooldown is kept", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          let broken = false
          let state: PacerState = empty
          const store: typeof PacerStore.Service = {
            modify: (_, change) =>
              Effect.suspend(() => {
                if (broken) return Effect.fail(new PacerStoreUnavailable({ detail: "disk full" }))
                const [result, next] = change(state)
                state = next
                return Effect.succeed(result)
              })
          }
          const pacer = yield* pacerOf(store)
          const breaking = Effect.sync(() => {
            broken = true
            return lockOut
          })
          assert.strictEqual(yield* pacer.paced(breaking), lockOut)
          const { value, millis } = yield* elapsed(Effect.flip(pacer.paced(Effect.succeed(reply(5, 4)))))
          assert.strictEqual(value._tag, "PacerStoreUnavailable")
          assert.isAtLeast(millis, 180_000)
        })
      )
    ))

  it("a wait beyond the deadline ends at once, says how long it would be, and sends nothing", () =>
    inTime((time) =>
      Effect.scoped(
        Effect.gen(function* () {
          const deadline = (yield* time.now) + 30_000
          const pacer = yield* pacerOf(yield* newStore, { deadline })
          yield* Effect.replicateEffect(pacer.paced(Effect.succeed(reply(5, 0))), 1)
          const { value, millis } = yield* elapsed(
            Effect.flip(Effect.replicateEffect(pacer.paced(Effect.succeed(reply(5, 0))), 5))
          )
          assert.strictEqual(value._tag, "DeadlineReached")
          if (value._tag === "DeadlineReached") assert.closeTo(value.waitMillis, 60_300, 10)
          assert.strictEqual(millis, 0)
        })
      )
    ))

  it("requests leave in the order in which they were made", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const order: Array<number> = []
          const numbers = Array.from({ length: 30 }, (_, index) => index)
          yield* Effect.forEach(
            numbers,
            (index) =>
              pacer.paced(
                Effect.gen(function* () {
                  order.push(index)
                  yield* Effect.sleep(100)
                  return reply(8, 0)
                })
              ),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(order, numbers)
        })
      )
    ))

  it("tells of a cooldown when it begins to wait for it, with its end", () =>
    inTime((time) =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const heard = yield* Effect.fork(Queue.take(yield* pacer.waits))
          yield* Effect.sleep(1)
          yield* pacer.paced(Effect.succeed(lockOut))
          const began = yield* time.now
          assert.closeTo((yield* pacer.state).cooldownUntil ?? 0, began + 180_000, 50)
          yield* pacer.paced(Effect.succeed(reply(5, 4)))
          const wait = yield* Fiber.join(heard)
          assert.strictEqual(wait.reason, "cooldown")
          assert.closeTo(wait.until, began + 180_000, 50)
          assert.isNull((yield* pacer.state).cooldownUntil)
        })
      )
    ))

  it("reserve 0 uses the whole window, and a reserve above the limit still lets one through", () =>
    inTime((time) =>
      Effect.gen(function* () {
        for (const [reserve, atOnce] of [
          [0, 5],
          [1, 4],
          [5, 1],
          [9, 1]
        ] as const) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const pacer = yield* pacerOf(yield* newStore, { reserve })
              const window = new SlidingWindow(5)
              const one = pacer.paced(request(time, window, "us", 0, 0))
              const burst = yield* elapsed(Effect.replicateEffect(one, atOnce))
              assert.isAtMost(burst.millis, 100)
              assert.isFalse(yield* pacer.roomFor(1))
              const next = yield* elapsed(one)
              assert.isAtLeast(next.millis, 59_000)
              assert.deepStrictEqual(window.refused, [])
            })
          )
        }
      })
    ))
})

describe("Pacer.together", () => {
  it("waits until there is room for all, and then no other request of the account comes between", () =>
    inTime((time) =>
      Effect.scoped(
        Effect.gen(function* () {
          const store = yield* newStore
          const pacer = yield* pacerOf(store)
          const other = yield* pacerOf(store)
          const window = new SlidingWindow(5)
          const order: Array<string> = []
          const one = (it: typeof pacer, who: string) =>
            it.paced(
              Effect.zipRight(
                Effect.sync(() => order.push(who)),
                request(time, window, who, 50, 50)
              )
            )
          yield* Effect.replicateEffect(one(pacer, "before"), 3)
          const rival = yield* Effect.fork(Effect.replicateEffect(one(other, "rival"), 6))
          const { millis } = yield* elapsed(
            pacer.together(
              2,
              Effect.zipRight(one(pacer, "read"), Effect.zipRight(Effect.sleep(5000), one(pacer, "act")))
            )
          )
          assert.isAtLeast(millis, 60_000)
          yield* Fiber.join(rival)
          assert.deepStrictEqual(window.refused, [])
          const read = order.indexOf("read")
          assert.isAbove(read, -1)
          // Between the two only requests that also had a slot of their own: never one that took ours.
          assert.isAbove(order.indexOf("act"), read)
        })
      )
    ))

  it("inside, nothing waits: without room it ends at once and sends nothing", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          let sent = 0
          const one = pacer.paced(
            Effect.sync(() => {
              sent++
              return reply(3, 0)
            })
          )
          const { value, millis } = yield* elapsed(Effect.flip(pacer.together(2, Effect.replicateEffect(one, 3))))
          assert.strictEqual(value._tag, "DeadlineReached")
          assert.strictEqual(sent, 2)
          assert.strictEqual(millis, 0)
        })
      )
    ))

  it("a lock-out that begins in between stops the second request", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const store = yield* newStore
          const pacer = yield* pacerOf(store)
          const other = yield* pacerOf(store)
          let acted = false
          const exit = yield* Effect.exit(
            pacer.together(
              2,
              Effect.gen(function* () {
                yield* pacer.paced(Effect.succeed(reply(10, 8)))
                yield* other.paced(Effect.succeed(lockOut))
                yield* pacer.paced(
                  Effect.sync(() => {
                    acted = true
                    return reply(10, 7)
                  })
                )
              })
            )
          )
          assert.isFalse(acted)
          assert.isTrue(Exit.isFailure(exit) && Option.isSome(Cause.failureOption(exit.cause)))
        })
      )
    ))

  it("gives back what was not used, also when it is interrupted", () =>
    inTime(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          yield* pacer.together(3, Effect.void)
          assert.deepStrictEqual((yield* pacer.state).slots, [])
          const begun = yield* Deferred.make<void>()
          const fiber = yield* Effect.fork(
            pacer.together(3, Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never))
          )
          yield* Deferred.await(begun)
          yield* Fiber.interrupt(fiber)
          assert.deepStrictEqual((yield* pacer.state).slots, [])
        })
      )
    ))
})
