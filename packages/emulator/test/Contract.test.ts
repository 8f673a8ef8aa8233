import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Option, Redacted, Schema } from "effect"
import { calls } from "@keysweep/core/Calls"
import { keySegment } from "@keysweep/core/KeyPath"
import { ProxyKeySecret } from "@keysweep/core/ProxyKey"
import { decodeHeldKey } from "@keysweep/core/Wire"
import { Emulator } from "@keysweep/emulator/Emulator"
import { makeRouter } from "@keysweep/emulator/Router"
import { removeAllKeys, removeKeyByPath } from "@keysweep/emulator/routes/KeyDelete"
import { routeTable } from "@keysweep/emulator/routes/Table"
import { settle, Switches } from "@keysweep/emulator/Switches"
import { parseTarget } from "@keysweep/emulator/Target"
import { ask } from "./support.ts"

describe("the client's reading of the documents and this one agree", () => {
  for (const [dialect, generation] of [
    ["static", "g2"],
    ["path", "g0"]
  ] as const) {
    it.scopedLive(`every call of the ${dialect} dialect has its route in ${generation}`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ generation, legacyRoutes: false, rpm: 1000 })
        for (const call of Object.values(calls)) {
          const { method, path } = call.routes[dialect]
          const reply = yield* ask(emulator, method, `/v1${path.replace("{key}", "ek-proxy-x")}`, { body: {} })
          assert.notStrictEqual(reply.status, 405, call.name)
          assert.notDeepEqual(reply.json, { detail: "Not Found" }, call.name)
        }
      })
    )
  }

  it.scopedLive("the client decodes every key of the demo account, from list and from lookup", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1000 })
      const list = yield* ask(emulator, "GET", "/v1/auth/proxy")
      const records = Schema.decodeUnknownSync(Schema.Array(Schema.Unknown))(list.json)
      assert.strictEqual(records.length, 12)
      for (const record of records) {
        const held = Either.getOrThrow(decodeHeldKey(record))
        assert.deepStrictEqual(held.key.other, {})
        const body = { proxy_key: Redacted.value(held.secret) }
        const lookup = yield* ask(emulator, "POST", "/v1/auth/proxy/lookup", { body })
        assert.isString(Either.getOrThrow(decodeHeldKey(lookup.json)).userId)
      }
    })
  )
})

/** Text that looks like what goes wrong in URLs, after a prefix that is right, almost right or missing. */
const hostile = FastCheck.tuple(
  FastCheck.constantFrom("ek-proxy-", "ek-proxy-", "ek-proxy-", "", "ek-proxy", "/ek-proxy-", "../ek-proxy-"),
  FastCheck.array(
    FastCheck.oneof(
      FastCheck.constantFrom(
        "",
        ".",
        "..",
        "/",
        "//",
        "\\",
        "?",
        "#",
        "%",
        "%2e",
        "%2F",
        "%00",
        "%0a",
        "%25",
        ";",
        "\n",
        " "
      ),
      FastCheck.constantFrom(
        "delete",
        "\u0000",
        "\u202e",
        "／",
        "．",
        "é",
        "🔑",
        "a",
        "0123456789abcdef",
        "x".repeat(250)
      ),
      FastCheck.string({ unit: "binary", maxLength: 8 })
    ),
    { maxLength: 6 }
  )
).map(([prefix, parts]) => prefix + parts.join(""))

describe("I4", () => {
  const switches = settle(Schema.decodeSync(Switches)({}))
  const route = makeRouter(routeTable(switches), switches)

  it("I4: of 100,000 hostile keys, each is refused by the client or reaches delete-one as exactly that key", () => {
    let sent = 0
    FastCheck.assert(
      FastCheck.property(hostile, (text) => {
        const secret = Schema.decodeUnknownOption(ProxyKeySecret)(text)
        const segment = Option.flatMap(secret, keySegment)
        if (Option.isNone(segment)) return
        sent += 1
        for (const prefix of ["", "/v1"]) {
          const target = calls.remove.routes.path.path.replace("{key}", () => segment.value)
          const found = route("DELETE", parseTarget(prefix + target).path)
          assert.deepStrictEqual(found._tag === "Found" ? [found.route.handler, found.key] : [found._tag], [
            removeKeyByPath,
            text
          ])
        }
      }),
      { numRuns: 100_000 }
    )
    assert.isAbove(sent, 1000, "the property was about something")
  })

  it("I4: without the client's check the same keys do reach delete-all, so the emulator would have shown it", () => {
    const reached = FastCheck.sample(hostile, 20_000).filter((text) => {
      const found = route("DELETE", parseTarget(`/v1/auth/proxy/delete/${text}`).path)
      return found._tag === "Redirect" || (found._tag === "Found" && found.route.handler === removeAllKeys)
    })
    assert.isNotEmpty(reached)
  })
})
