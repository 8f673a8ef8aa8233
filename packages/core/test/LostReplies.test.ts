import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Ref } from "effect"
import { fromCredits } from "../src/Credit.ts"
import { KeyMaker } from "../src/KeyMaker.ts"
import { KeyReader } from "../src/KeyReader.ts"
import type { NewKey } from "../src/KeySettings.ts"
import { KeyWriter } from "../src/KeyWriter.ts"
import { keyIdOf, proxyKeySecret } from "../src/ProxyKey.ts"
import { type Fate, FakeUpstream } from "./support/FakeUpstream.ts"
import { Entries, stack } from "./support/Stack.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

/** Every second request is lost in some way. */
const unlucky = (next: () => number) => (): Fate => {
  const fates: ReadonlyArray<Fate> = ["lost before", "lost after", "503 before", "503 after", "nonsense after"]
  return next() < 0.5 ? (fates[Math.floor(next() * fates.length)] ?? "answered") : "answered"
}

const wanted: NewKey = {
  name: "CI runner",
  expiresAt: DateTime.unsafeMake("2027-01-01T00:00:00Z"),
  allocated: fromCredits(12.5),
  models: ["gpt-4o", "claude-3-5-sonnet-20241022"],
  addresses: ["192.168.1.0/24"]
}

/** One account after the other, each behind its own line, over one stack of services. */
const trials = <A, E>(
  count: number,
  each: (
    trial: number,
    next: () => number,
    upstream: FakeUpstream
  ) => Effect.Effect<A, E, KeyWriter | KeyReader | KeyMaker | Entries>
) => {
  const upstream = new FakeUpstream()
  return new VirtualTime().run(
    Effect.gen(function* () {
      for (let trial = 1; trial <= count; trial++) yield* each(trial, random(trial), upstream)
    }).pipe(Effect.provide(stack(upstream.layer)))
  )
}

const targetOf = (key: string) => Effect.map(proxyKeySecret(key), (secret) => ({ id: keyIdOf(secret), secret }))
const sent = (upstream: FakeUpstream, call: string) =>
  upstream.requests.filter((line) => line.endsWith(`/${call}`)).length

describe("with replies lost at random", { timeout: 180_000 }, () => {
  it("I5: 300 times set-state over a worse line: the end state is the wanted one, or an error that says it is in doubt", async () => {
    let inDoubt = 0
    await trials(300, (trial, next, upstream) =>
      Effect.gen(function* () {
        upstream.reset(unlucky(next))
        const fake = upstream.add("a key", { is_active: next() < 0.7 })
        const want = next() < 0.3
        const writer = yield* KeyWriter
        const state = { active: fake.is_active, want }
        const result = yield* Effect.either(writer.setActive("static", yield* targetOf(fake.key), state))
        if (result._tag === "Right") assert.strictEqual(fake.is_active, want, `trial ${trial}`)
        else inDoubt++
      })
    )
    assert.isAtMost(inDoubt, 45)
  })

  it("I5: 1,000 times set-state over a line that loses one reply in four: always the wanted state, never re-enabled", () =>
    trials(1000, (trial, next, upstream) =>
      Effect.gen(function* () {
        upstream.reset(() => (next() < 0.25 ? (next() < 0.5 ? "lost after" : "lost before") : "answered"))
        const fake = upstream.add("a key")
        const entries = yield* Entries
        yield* Ref.set(entries, [])
        const writer = yield* KeyWriter
        yield* writer.setActive("static", yield* targetOf(fake.key), { active: true, want: false })
        assert.isFalse(fake.is_active, `trial ${trial}`)
        const written = yield* Ref.get(entries)
        assert.lengthOf(written, sent(upstream, "toggle"))
        assert.isTrue(written.every(({ intent }) => intent.wantActive === false))
        // No look-up unless in doubt.
        if (written.every(({ outcome }) => outcome.result === "done")) assert.strictEqual(sent(upstream, "lookup"), 0)
      })
    ))

  it("I5: 1,000 times create: never a second key, and the key that was made is the key that is returned", async () => {
    let adopted = 0
    let created = 0
    await trials(1000, (trial, next, upstream) =>
      Effect.gen(function* () {
        upstream.reset(unlucky(next))
        const older = upstream.add(wanted.name, {
          expires_at: 1_798_761_600,
          allocated_ammount: 12.5,
          model_whitelist: wanted.models,
          ip_whitelist: wanted.addresses
        })
        const maker = yield* KeyMaker
        const result = yield* Effect.either(maker.create(wanted, [(yield* targetOf(older.key)).id]))
        assert.strictEqual(sent(upstream, "create"), 1, `trial ${trial}`)
        const [made, another] = [...upstream.keys.keys()].filter((key) => key !== older.key)
        assert.isUndefined(another)
        if (result._tag === "Right") {
          assert.strictEqual(result.right.key.id, (yield* targetOf(made ?? "")).id)
          if (result.right.how === "adopted") adopted++
          else created++
        }
      })
    )
    assert.isAbove(adopted, 100)
    assert.isAbove(created, 400)
  })

  it("I5: create, and create again only after a fresh list shows that there is none: exactly one key, 300 times", () =>
    trials(300, (trial, next, upstream) =>
      Effect.gen(function* () {
        upstream.reset(unlucky(next))
        const reader = yield* KeyReader
        const maker = yield* KeyMaker
        const attempt = Effect.gen(function* () {
          const listing = yield* reader.list
          if (listing.keys.length === 0) yield* maker.create(wanted, [])
        })
        yield* Effect.retry(attempt, { times: 100 })
        assert.lengthOf([...upstream.keys], 1, `trial ${trial}`)
      })
    ))

  it("I5: remove is repeated until it is answered, and a 404 after a lost reply is our own removal", () =>
    trials(300, (_, next, upstream) =>
      Effect.gen(function* () {
        upstream.reset(() => (next() < 0.25 ? (next() < 0.5 ? "lost after" : "lost before") : "answered"))
        const fake = upstream.add("a key")
        const writer = yield* KeyWriter
        const result = yield* Effect.option(writer.remove("static", yield* targetOf(fake.key)))
        if (result._tag === "None") return
        assert.strictEqual(result.value, "removed")
        assert.strictEqual(upstream.keys.size, 0)
      })
    ))
})

describe("setActive", () => {
  const withKey = (upstream: FakeUpstream, key: string, state: { readonly active: boolean; readonly want: boolean }) =>
    new VirtualTime().run(
      Effect.gen(function* () {
        const secret = yield* proxyKeySecret(key)
        const writer = yield* KeyWriter
        return yield* Effect.either(writer.setActive("static", { id: keyIdOf(secret), secret }, state))
      }).pipe(Effect.provide(stack(upstream.layer)))
    )

  it("sends nothing when the key is as wanted", async () => {
    const upstream = new FakeUpstream(() => "answered")
    const fake = upstream.add("a key", { is_active: false })
    const result = await withKey(upstream, fake.key, { active: false, want: false })
    assert.deepStrictEqual(upstream.requests, [])
    assert.isTrue(result._tag === "Right" && result.right === "already")
  })

  it("corrects a flip that went the wrong way, because somebody else flipped too", async () => {
    const upstream = new FakeUpstream(() => "answered")
    const fake = upstream.add("a key", { is_active: false })
    const result = await withKey(upstream, fake.key, { active: true, want: false })
    assert.strictEqual(result._tag, "Right")
    assert.isFalse(fake.is_active)
    assert.lengthOf(upstream.requests, 2)
  })

  it("a line that loses every request ends in the error of the line, not in a guess", async () => {
    const upstream = new FakeUpstream(() => "lost before")
    const fake = upstream.add("a key")
    const result = await withKey(upstream, fake.key, { active: true, want: false })
    assert.isTrue(result._tag === "Left" && result.left._tag === "ApiUnavailable")
    assert.lengthOf(
      upstream.requests.filter((line) => line.endsWith("/toggle")),
      1
    )
  })
})
