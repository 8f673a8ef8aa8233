import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import { makeAccount } from "../src/Account.ts"

const key = Redacted.make("ek-0123456789abcdef0123456789abcdef")
const of = (options: Partial<Parameters<typeof makeAccount>[0]>) => makeAccount({ masterKey: key, ...options })

describe("an account's settings", () => {
  it("a key that cannot manage keys is refused by its kind, before any request", () => {
    for (const [text, words] of [
      ["ek-proxy-1234567890abcdef", "proxy key"],
      ["ek-dev-1234567890abcdef", "Coding Plan key"],
      ["sk-1234567890abcdef", "starts with ek-"],
      ["", "starts with ek-"],
      ["ek-with space", "starts with ek-"],
      ["ek-line\nbreak", "starts with ek-"]
    ] as const) {
      const refused = Either.flip(of({ masterKey: Redacted.make(text) }))
      assert.include(Either.getOrThrow(refused).message, words)
    }
  })

  it("the base URL must be https, or http on loopback, and nothing but a place", () => {
    for (const baseUrl of [
      "http://api.electronhub.ai/v1",
      "http://127.0.0.1.example.org/v1",
      "http://localhost.example.org",
      "http://0.0.0.0:80",
      "ftp://127.0.0.1",
      "https://user:word@api.electronhub.ai/v1",
      "https://api.electronhub.ai/v1?key=1",
      "https://api.electronhub.ai/v1#x",
      "api.electronhub.ai",
      ""
    ]) {
      assert.isTrue(Either.isLeft(of({ baseUrl })), baseUrl)
    }
    for (const baseUrl of [
      "https://api.electronhub.ai/v1/",
      "http://127.0.0.1:1/v1",
      "http://[::1]:1",
      "http://localhost:1"
    ]) {
      assert.isTrue(Either.isRight(of({ baseUrl })), baseUrl)
    }
    assert.strictEqual(
      Either.getOrThrow(of({ baseUrl: "https://api.electronhub.ai/v1//" })).baseUrl,
      "https://api.electronhub.ai/v1"
    )
  })

  it("time is scaled on loopback only, and the reserve is a whole number of requests", () => {
    assert.isTrue(Either.isLeft(of({ timeScale: 60 })))
    assert.isTrue(Either.isRight(of({ timeScale: 60, baseUrl: "http://127.0.0.1:1" })))
    for (const timeScale of [0, 0.5, -1, NaN, Infinity]) {
      assert.isTrue(Either.isLeft(of({ timeScale, baseUrl: "http://127.0.0.1:1" })), String(timeScale))
    }
    for (const reserve of [-1, 0.5, NaN, Infinity]) assert.isTrue(Either.isLeft(of({ reserve })), String(reserve))
    for (const reserve of [0, 1, 50]) assert.isTrue(Either.isRight(of({ reserve })), String(reserve))
  })

  it.effect("the same key is the same account on every machine", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* of({})).credential, "acct_duixxy3on7m46twg")
    })
  )
})
