import { assert, describe, it } from "@effect/vitest"
import { KeyReader } from "@keysweep/core/KeyReader"
import { Pacer } from "@keysweep/core/Pacer"
import { PacerStore } from "@keysweep/core/PacerStore"
import { Emulator } from "@keysweep/emulator/Emulator"
import { Effect } from "effect"
import { ask, type Running } from "../support.ts"
import { client, keys, sweep } from "./support.ts"

const refused = (emulator: Running) =>
  Effect.map(emulator.requests, (all) => all.filter(({ status }) => status === 429).length)

describe("the client's pace on a real socket", () => {
  for (const [rpm, count, concurrency, timeScale] of [
    [5, 10, 1, 60],
    [5, 10, 4, 60],
    [30, 50, 4, 30],
    [100, 100, 8, 20]
  ] as const) {
    it.scopedLive(
      `I7: ${count} keys at ${rpm} a minute, ${concurrency} at a time: no 429, and N + 3 requests with the dialect's`,
      () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ seed: keys(count), rpm, timeScale })
          assert.deepStrictEqual(yield* Effect.provide(sweep(concurrency), client(emulator, { timeScale })), [])
          assert.strictEqual(yield* refused(emulator), 0)
          assert.lengthOf(yield* emulator.requests, count + 3)
        })
    )
  }

  it.scopedLive("I7: two processes on one account at once, over one store: no 429", () =>
    Effect.gen(function* () {
      const timeScale = 60
      const emulator = yield* Emulator.start({ seed: keys(1), rpm: 10, timeScale })
      const store = yield* Effect.provide(PacerStore, PacerStore.layerMemory)
      const reads = Effect.flatMap(KeyReader, (reader) => Effect.replicateEffect(reader.list, 15))
      const process = Effect.provide(reads, client(emulator, { timeScale, store }))
      yield* Effect.all([process, process], { concurrency: 2 })
      assert.strictEqual(yield* refused(emulator), 0)
    })
  )

  it.scopedLive("I7: a neighbour that steadily uses part of the window: neither is locked out", () =>
    Effect.gen(function* () {
      const timeScale = 30
      const emulator = yield* Emulator.start({ seed: keys(20), rpm: 20, timeScale })
      const neighbour = Effect.zipRight(ask(emulator, "GET", "/v1/auth/proxy"), Effect.sleep(2000 / 8))
      yield* Effect.forkScoped(Effect.forever(neighbour))
      yield* Effect.sleep(2200)
      assert.deepStrictEqual(yield* Effect.provide(sweep(3), client(emulator, { timeScale })), [])
      assert.strictEqual(yield* refused(emulator), 0)
    })
  )

  it.scopedLive(
    "I7: a limit that drops in mid-run costs at most one 429, then the whole cooldown, then it goes on",
    () =>
      Effect.gen(function* () {
        const timeScale = 60
        const emulator = yield* Emulator.start({ seed: keys(16), rpm: 30, timeScale })
        const running = yield* Effect.fork(Effect.provide(sweep(), client(emulator, { timeScale })))
        yield* Effect.repeat(Effect.sleep(1), { until: () => Effect.map(emulator.requests, (all) => all.length >= 8) })
        yield* emulator.switches({ rpm: 6 })
        assert.deepStrictEqual(yield* running, [])
        const all = yield* emulator.requests
        const times = all.map(({ at, status }) => ({ at: Date.parse(at), status }))
        const refusal = times.find(({ status }) => status === 429)
        assert.isAtMost(yield* refused(emulator), 1)
        const next = times.find(({ at }) => refusal !== undefined && at > refusal.at)
        if (refusal !== undefined && next !== undefined) assert.isAtLeast(next.at - refusal.at, 180_000 / timeScale)
      })
  )

  it.scopedLive("I7: a cooldown outlives the process that met it", () =>
    Effect.gen(function* () {
      const timeScale = 60
      const emulator = yield* Emulator.start({ seed: keys(1), rpm: 1, timeScale })
      yield* ask(emulator, "GET", "/v1/auth/proxy")
      const store = yield* Effect.provide(PacerStore, PacerStore.layerMemory)
      const list = Effect.flatMap(KeyReader, (reader) => reader.list)
      const stopped = yield* Effect.fork(Effect.provide(list, client(emulator, { timeScale, store })))
      yield* Effect.repeat(Effect.sleep(5), { until: () => Effect.map(refused(emulator), (count) => count === 1) })
      yield* Effect.sleep(100)
      yield* Effect.sync(() => stopped.unsafeInterruptAsFork(stopped.id()))
      yield* Effect.provide(list, client(emulator, { timeScale, store }))
      const [refusal, next, ...more] = (yield* emulator.requests).slice(1).map(({ at }) => Date.parse(at))
      assert.isAtLeast((next ?? 0) - (refusal ?? 0), 180_000 / timeScale)
      assert.isEmpty(more)
      assert.strictEqual(yield* refused(emulator), 1)
    })
  )

  it.scopedLive("I7: where a neighbour hammers without pause, the first permitted slots are ours too", () =>
    Effect.gen(function* () {
      const timeScale = 60
      const emulator = yield* Emulator.start({ seed: keys(1), rpm: 10, timeScale, retryAfter: true })
      const hammer = Effect.zipRight(ask(emulator, "GET", "/v1/auth/proxy"), Effect.sleep(20))
      yield* Effect.forkScoped(Effect.forever(hammer))
      yield* Effect.sleep(300)
      assert.deepStrictEqual(yield* Effect.provide(firstAllowed, client(emulator, { timeScale })), 1)
    })
  )
})

const firstAllowed = Effect.gen(function* () {
  const reader = yield* KeyReader
  const pacer = yield* Pacer
  const listing = yield* reader.list
  assert.isNull((yield* pacer.state).cooldownUntil)
  return listing.keys.length
})
