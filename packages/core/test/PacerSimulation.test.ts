import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { elapsed, newStore, pacerOf, request } from "./support/PacedUpstream.ts"
import { SlidingWindow } from "./support/SlidingWindow.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

/** The least time for `requests` in windows of 60 s when `limit - reserve` may go in each. */
const optimum = (requests: number, limit: number, reserve = 1) =>
  Math.floor((requests - 1) / Math.max(1, limit - reserve)) * 60_000

/** Latencies that differ from call to call, the same in every run. */
const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

const sweep = async (options: {
  readonly limit: number
  readonly keys: number
  readonly concurrency: number
  readonly seed: number
  readonly latency: number
}) => {
  const time = new VirtualTime()
  const window = new SlidingWindow(options.limit)
  const next = random(options.seed)
  const millis = await time.run(
    Effect.scoped(
      Effect.gen(function* () {
        const pacer = yield* pacerOf(yield* newStore)
        const one = Effect.suspend(() =>
          pacer.paced(request(time, window, "us", next() * options.latency, next() * options.latency))
        )
        const { millis } = yield* elapsed(
          Effect.gen(function* () {
            yield* one
            yield* Effect.forEach(Array.from({ length: options.keys }), () => one, {
              concurrency: options.concurrency,
              discard: true
            })
            yield* one
          })
        )
        return millis
      })
    )
  )
  return { millis, refused: window.refused.length, optimum: optimum(options.keys + 2, options.limit) }
}

describe("Pacer against an independent sliding window", () => {
  for (const [limit, keys, concurrency] of [
    [5, 10, 1],
    [5, 10, 4],
    [30, 50, 4],
    [100, 100, 8],
    [1000, 1000, 32]
  ] as const) {
    it(`I7: ${keys} keys at ${limit} a minute, ${concurrency} at a time: no 429, within 5 % of the optimum`, async () => {
      const result = await sweep({ limit, keys, concurrency, seed: limit + concurrency, latency: 200 })
      assert.strictEqual(result.refused, 0)
      assert.isAtMost(result.millis / result.optimum, 1.05)
    })
  }

  it(
    "I7: processes that share a store, with any limit, latency and concurrency: no 429",
    { timeout: 180_000 },
    async () => {
      for (let seed = 1; seed <= 60; seed++) {
        const next = random(seed)
        const time = new VirtualTime()
        const window = new SlidingWindow(2 + Math.floor(next() * 40))
        const processes = 1 + Math.floor(next() * 3)
        const latency = next() * 3000
        await time.run(
          Effect.scoped(
            Effect.gen(function* () {
              const store = yield* newStore
              const one = (name: string) =>
                Effect.gen(function* () {
                  const pacer = yield* pacerOf(store)
                  yield* Effect.sleep(next() * 70_000)
                  yield* Effect.forEach(
                    Array.from({ length: Math.ceil(next() * 2 * window.limit) }),
                    () =>
                      Effect.suspend(() =>
                        pacer.paced(request(time, window, name, next() * latency, next() * latency))
                      ),
                    { concurrency: 1 + Math.floor(next() * 6), discard: true }
                  )
                })
              yield* Effect.forEach(Array.from({ length: processes }, String), one, { concurrency: "unbounded" })
            })
          )
        )
        assert.deepStrictEqual(window.refused, [], `seed ${seed}, limit ${window.limit}`)
      }
    }
  )

  it(
    "I7: a neighbour that steadily uses part of the window is never locked out by us, nor we by it",
    { timeout: 180_000 },
    async () => {
      for (let seed = 1; seed <= 30; seed++) {
        const next = random(seed)
        const time = new VirtualTime()
        const window = new SlidingWindow(5 + Math.floor(next() * 50))
        const share = Math.max(1, Math.floor((window.limit - 1) * next() * 0.6))
        const keys = Math.ceil(window.limit * 1.5)
        let ours = 0
        await time.run(
          Effect.scoped(
            Effect.gen(function* () {
              const pacer = yield* pacerOf(yield* newStore)
              const neighbour = Effect.forever(
                Effect.flatMap(time.now, (now) => {
                  window.hit(now, "neighbour")
                  return Effect.sleep(60_000 / share)
                })
              )
              yield* Effect.forkScoped(neighbour)
              yield* Effect.sleep(90_000)
              yield* Effect.forEach(
                Array.from({ length: keys }),
                () => Effect.suspend(() => pacer.paced(request(time, window, "us", next() * 300, next() * 300))),
                { concurrency: 3, discard: true }
              )
              ours = keys
            })
          )
        )
        assert.deepStrictEqual(window.refused, [], `seed ${seed}, limit ${window.limit}, share ${share}`)
        assert.strictEqual(ours, keys)
      }
    }
  )

  it("I7: where a neighbour hammers without pause, our request is in the first slots after the lock-out", async () => {
    const time = new VirtualTime()
    const window = new SlidingWindow(5)
    const answers = await time.run(
      Effect.scoped(
        Effect.gen(function* () {
          const pacer = yield* pacerOf(yield* newStore)
          const hammer = Effect.forever(
            Effect.flatMap(time.now, (now) => {
              window.hit(now, "neighbour")
              return Effect.sleep(25)
            })
          )
          yield* Effect.forkScoped(hammer)
          yield* Effect.sleep(1000)
          const first = yield* pacer.paced(request(time, window, "us", 15, 15))
          const second = yield* pacer.paced(request(time, window, "us", 15, 15))
          return [first.allowed, second.allowed]
        })
      )
    )
    assert.deepStrictEqual(answers, [false, true])
    assert.lengthOf(
      window.refused.filter(({ who }) => who === "us"),
      1
    )
  })

  it("I7: a limit that drops in mid-run costs at most one 429, then the whole cooldown, then it goes on", async () => {
    for (const dropTo of [2, 7, 12, 20]) {
      const time = new VirtualTime()
      const window = new SlidingWindow(30)
      const { sentInLockOut, done } = await time.run(
        Effect.scoped(
          Effect.gen(function* () {
            const pacer = yield* pacerOf(yield* newStore)
            let done = 0
            while (done < 40) {
              if (done === 15) window.limit = dropTo
              if ((yield* pacer.paced(request(time, window, "us", 50, 50))).allowed) done++
            }
            return { done, sentInLockOut: window.refused.filter(({ inLockOut }) => inLockOut).length }
          })
        )
      )
      assert.strictEqual(done, 40)
      assert.isAtMost(window.refused.length, 1)
      assert.strictEqual(sentInLockOut, 0)
    }
  })

  it("I7: a clock set forward or back by an hour causes no 429, and no wait of more than a window and a time-out", async () => {
    for (const jump of ["setForward", "setBack"] as const) {
      const time = new VirtualTime()
      const window = new SlidingWindow(5)
      const millis = await time.run(
        Effect.scoped(
          Effect.gen(function* () {
            const pacer = yield* pacerOf(yield* newStore)
            const { millis } = yield* elapsed(
              Effect.gen(function* () {
                for (let sent = 0; sent < 16; sent++) {
                  if (sent === 3 || sent === 10) yield* time[jump](3_600_000)
                  yield* pacer.paced(request(time, window, "us", 50, 50))
                }
              })
            )
            return millis
          })
        )
      )
      assert.deepStrictEqual(window.refused, [], jump)
      assert.isAtMost(millis, optimum(16, 5) + 2 * 31_000, jump)
    }
  })

  it("I7: a cooldown outlives the process: its successor sends nothing before the end, whatever the clock says", async () => {
    for (const back of [0, 3_600_000]) {
      const time = new VirtualTime()
      const window = new SlidingWindow(1)
      const waited = await time.run(
        Effect.gen(function* () {
          const store = yield* newStore
          window.hit(yield* time.now, "neighbour")
          yield* Effect.scoped(
            Effect.flatMap(pacerOf(store), (pacer) => pacer.paced(request(time, window, "us", 10, 10)))
          )
          yield* Effect.sleep(20_000)
          yield* time.setBack(back)
          const { millis, value } = yield* elapsed(
            Effect.scoped(Effect.flatMap(pacerOf(store), (pacer) => pacer.paced(request(time, window, "us", 10, 10))))
          )
          assert.isTrue(value.allowed)
          return millis
        })
      )
      assert.lengthOf(window.refused, 1)
      assert.isAtLeast(waited, 159_000)
      assert.isAtMost(waited, 182_000)
    }
  })

  it("an estimate is within 10 % of what then happens", async () => {
    for (const [limit, requests, concurrency, latency] of [
      [5, 3, 1, 400],
      [5, 12, 1, 400],
      [10, 50, 1, 800],
      [30, 52, 4, 200],
      [100, 102, 8, 200],
      [1000, 400, 16, 200]
    ] as const) {
      const time = new VirtualTime()
      const window = new SlidingWindow(limit)
      const { guess, millis } = await time.run(
        Effect.scoped(
          Effect.gen(function* () {
            const pacer = yield* pacerOf(yield* newStore)
            const one = pacer.paced(request(time, window, "us", latency / 2, latency / 2))
            yield* one
            const guess = yield* pacer.estimate(requests, concurrency)
            const { millis } = yield* elapsed(
              Effect.forEach(Array.from({ length: requests }), () => one, { concurrency, discard: true })
            )
            return { guess, millis }
          })
        )
      )
      assert.closeTo(guess / millis, 1, 0.1, `${requests} requests at ${limit}`)
    }
  })
})
