import { HttpClient, HttpClientRequest, HttpClientResponse, UrlParams } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Layer, Redacted } from "effect"
import * as Net from "node:net"
import { makeAccount } from "../src/Account.ts"
import { calls } from "../src/Calls.ts"
import { Dialect } from "../src/Dialect.ts"
import { addressKey } from "../src/KeyRoute.ts"
import { KeyWriter } from "../src/KeyWriter.ts"
import { keyIdOf, proxyKeySecret, type ProxyKeySecret } from "../src/ProxyKey.ts"
import { mayDeleteAll } from "./support/Routers.ts"
import { stack } from "./support/Stack.ts"
import { keepAlive } from "./support/TestServer.ts"

const dialects = Dialect.literals

/** What people and programs that mean harm, or pass the wrong variable, might hand over as a key. */
const piece = fc.oneof(
  fc.constantFrom(
    "",
    ".",
    "..",
    "/",
    "//",
    "\\",
    "?",
    "#",
    "%",
    ";",
    " ",
    "\t",
    "\r\n",
    "\0",
    "%2e",
    "%2e%2e",
    "%2F",
    "%5c",
    "%00",
    "%20",
    "%252e",
    "/..",
    "../",
    "/../",
    "?x=1",
    "#frag",
    "delete",
    "/delete",
    "/auth/proxy",
    "undefined",
    "null",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\u2024\u2024",
    "\uff0e\uff0e",
    "\uff0f",
    "\u2215",
    "\u29f8",
    "\ud800",
    "\udfff",
    " HTTP/1.1\r\nX: y\r\n\r\n",
    "@",
    ":",
    "http://",
    "[",
    "]",
    "{key}",
    "$&",
    "$'",
    "%s",
    "*",
    "ek-proxy-",
    "ek-"
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("a", "9", "F", "-", "_", "~", "."), minLength: 1, maxLength: 40 })
)
const hostile = fc
  .tuple(
    fc.constantFrom("", "ek-proxy-", "ek-proxy-", "ek-proxy-", "EK-PROXY-", " ek-proxy-"),
    fc.array(piece, { maxLength: 4, size: "max" })
  )
  .map(([prefix, pieces]) => prefix + pieces.join(""))

/** Not even `proxyKeySecret` has to have been asked. */
const unchecked = (text: string): ProxyKeySecret => Redacted.make(text)

const baseUrl = Either.getOrThrow(
  makeAccount({ masterKey: Redacted.make("ek-0123456789abcdef"), baseUrl: "http://127.0.0.1:9/v1" })
).baseUrl

describe("delete-one with any string as its key", () => {
  for (const dialect of dialects) {
    it.effect(
      `I4: 100,000 hostile strings in the ${dialect} dialect: no request target that any router takes for delete-all`,
      () =>
        Effect.gen(function* () {
          let sent = 0
          for (const text of fc.sample(hostile, { numRuns: 100_000, seed: 20_261_121 })) {
            const outgoing = yield* Effect.either(addressKey(calls.remove, dialect, unchecked(text)))
            if (Either.isLeft(outgoing)) continue
            const { route, path } = outgoing.right
            // As the platform's clients build it: this URL is what node:http and fetch put on the wire.
            const request = HttpClientRequest.make(route.method)(`${baseUrl}${path}`)
            const url = yield* UrlParams.makeUrl(request.url, request.urlParams, request.hash)
            const target = url.pathname + url.search
            sent++
            if (dialect === "static") assert.strictEqual(`${route.method} ${target}`, "POST /v1/auth/proxy/remove")
            else {
              assert.isFalse(mayDeleteAll(route.method, target), target)
              assert.match(target, /^\/v1\/auth\/proxy\/delete\/ek-proxy-[^/?#\\;]+$/)
              assert.strictEqual(url.hash, "")
            }
          }
          assert.isAbove(sent, 5000)
        }),
      180_000
    )
  }

  it("the check itself is awake: what a careless client would build is taken for delete-all", () => {
    for (const key of ["", ".", "..", "?x=1", "#frag", "//", "%2e%2e", "/", " ", "\uff0e\uff0e", "x/..", ";x"]) {
      assert.isTrue(mayDeleteAll("DELETE", `/v1/auth/proxy/delete/${key}`), key)
    }
    assert.isFalse(mayDeleteAll("DELETE", "/v1/auth/proxy/delete/ek-proxy-1234567890abcdef"))
    assert.isFalse(mayDeleteAll("POST", "/v1/auth/proxy/remove"))
  })

  it.scopedLive("I4: 2,000 of them over a socket: the bytes of the request line say the same", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const url = yield* rawServer(lines)
      yield* Effect.gen(function* () {
        const writer = yield* KeyWriter
        for (const text of fc.sample(hostile, { numRuns: 1000, seed: 7 })) {
          const secret = unchecked(text)
          for (const dialect of dialects) {
            yield* Effect.exit(writer.remove(dialect, { id: keyIdOf(secret), secret }))
          }
        }
      }).pipe(Effect.provide(stack(keepAlive, { baseUrl: url })))
      assert.isAbove(lines.length, 1000)
      for (const line of lines) {
        const [method = "", target = "", version] = line.split(" ")
        assert.strictEqual(version, "HTTP/1.1", line)
        assert.isFalse(mayDeleteAll(method, target), line)
        assert.match(
          line,
          /^(POST \/v1\/auth\/proxy\/remove|DELETE \/v1\/auth\/proxy\/delete\/ek-proxy-[!-.0-~]+) HTTP\/1\.1$/
        )
      }
    })
  )

  it.effect("what is accepted as a key and can travel in a path arrives unchanged", () =>
    Effect.gen(function* () {
      const arrived: Array<string> = []
      const client = HttpClient.make((request, url) =>
        Effect.sync(() => {
          arrived.push(decodeURIComponent(url.pathname.split("/").at(-1) ?? ""))
          return HttpClientResponse.fromWeb(request, new Response('{"message":"Proxy key deleted"}'))
        })
      )
      const keys = ["ek-proxy-1234567890abcdef", "ek-proxy-é~ü_.-", "ek-proxy-$&$'{key}", "ek-proxy-\u{1f511}"]
      yield* Effect.forEach(keys, (key) =>
        Effect.gen(function* () {
          const secret = yield* proxyKeySecret(key)
          const writer = yield* KeyWriter
          return yield* writer.remove("path", { id: keyIdOf(secret), secret })
        })
      ).pipe(Effect.provide(stack(Layer.succeed(HttpClient.HttpClient, client))))
      assert.deepStrictEqual(arrived, keys)
    })
  )
})

/** Knows no HTTP but where a request ends: what it records is what was on the wire. */
const rawServer = (lines: Array<string>) =>
  Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const body = '{"message":"Proxy key deleted"}'
      const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-limit: 10000\r\nx-ratelimit-remaining: 9999\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      const server = Net.createServer((socket) => {
        let received = Buffer.alloc(0)
        socket.on("error", () => undefined)
        socket.on("data", (data) => {
          received = Buffer.concat([received, data])
          while (true) {
            const head = received.indexOf("\r\n\r\n")
            if (head < 0) return
            const text = received.subarray(0, head).toString("latin1")
            const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
            if (received.length < head + 4 + length) return
            received = received.subarray(head + 4 + length)
            lines.push(text.slice(0, text.indexOf("\r\n")))
            socket.write(answer)
          }
        })
      }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => void server.close())
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`
    })
  )
