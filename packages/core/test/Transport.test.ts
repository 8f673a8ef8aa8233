import { FetchHttpClient, HttpClient, HttpClientError } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import { inspect } from "node:util"
import { KeyReader } from "../src/KeyReader.ts"
import { KeyWriter } from "../src/KeyWriter.ts"
import { keyIdOf, type ProxyKeySecret } from "../src/ProxyKey.ts"
import { Transport } from "../src/Transport.ts"
import { masterKey, stack } from "./support/Stack.ts"
import { free, json, keepAlive, serve } from "./support/TestServer.ts"

const clients = {
  "node:http": NodeHttpClient.layer,
  "node:http with keep-alive": keepAlive,
  fetch: FetchHttpClient.layer
}
const secret: ProxyKeySecret = Redacted.make("ek-proxy-1234567890abcdef")
const target = { id: keyIdOf(secret), secret }
const list = { call: "list", route: { method: "GET", path: "/auth/proxy" }, path: "/auth/proxy" } as const
const send = Effect.flatMap(Transport, (transport) => transport.send(list))

for (const [name, client] of Object.entries(clients)) {
  describe(`Transport over ${name}`, () => {
    it.scopedLive("sends the master key, says who it is, and reads the whole body", () =>
      Effect.gen(function* () {
        const seen: Array<unknown> = []
        const body = JSON.stringify(Array.from({ length: 50_000 }, () => "ä".repeat(20)))
        const url = yield* serve((request, response) => {
          seen.push(
            request.url,
            request.headers.authorization,
            request.headers["user-agent"],
            request.headers.traceparent
          )
          response.writeHead(200, free).end(body)
        })
        const exchange = yield* Effect.provide(send, stack(client, { baseUrl: url }))
        assert.strictEqual(exchange.body, body)
        assert.deepStrictEqual(seen, ["/v1/auth/proxy", `Bearer ${masterKey}`, "keysweep-test", undefined])
      })
    )

    it.scopedLive("stops reading a body that has no end, soon and without keeping a part of it", () =>
      Effect.gen(function* () {
        let written = 0
        const chunk = "x".repeat(1 << 20)
        const url = yield* serve((_, response) => {
          response.writeHead(200, free)
          const more = () => {
            if (response.destroyed) return
            written += chunk.length
            if (response.write(chunk)) setImmediate(more)
            else response.once("drain", more)
          }
          more()
        })
        const error = yield* Effect.flip(Effect.provide(send, stack(client, { baseUrl: url, requestTimeout: 120_000 })))
        assert.strictEqual(error._tag, "ApiUnavailable")
        assert.include(error.message, "larger than any list")
        assert.isBelow(written, 80 << 20)
      })
    )

    it.scopedLive("refuses a body that is announced as too large before it has arrived", () =>
      Effect.gen(function* () {
        const url = yield* serve((_, response) => {
          response.writeHead(200, { ...free, "content-length": String(1 << 30) })
          response.write("[")
        })
        const error = yield* Effect.flip(Effect.provide(send, stack(client, { baseUrl: url, requestTimeout: 20_000 })))
        assert.include(error.message, "larger than any list")
      })
    )

    it.scopedLive("never follows a redirect, on a read or on a write", () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const url = yield* serve((request, response) => {
          seen.push(`${request.method} ${request.url}`)
          response.writeHead(request.url?.endsWith("abcdef") === true ? 307 : 308, {
            ...free,
            location: "/v1/auth/proxy/delete"
          })
          response.end()
        })
        const layer = stack(client, { baseUrl: url })
        const read = yield* Effect.flip(Effect.provide(send, layer))
        const write = yield* Effect.flip(
          Effect.provide(
            Effect.flatMap(KeyWriter, (writer) => writer.remove("path", target)),
            layer
          )
        )
        assert.strictEqual(read._tag, "UnexpectedResponse")
        assert.strictEqual(write._tag, "UnexpectedResponse")
        assert.deepStrictEqual(seen, ["GET /v1/auth/proxy", "DELETE /v1/auth/proxy/delete/ek-proxy-1234567890abcdef"])
      })
    )

    for (const [what, handler] of [
      ["a connection cut before the reply", (_: unknown, response: { destroy: () => void }) => response.destroy()],
      [
        "a body that breaks off",
        (_: unknown, response: import("node:http").ServerResponse) => {
          response.writeHead(200, { ...free, "content-length": "1000" })
          response.write('[{"key":"ek-proxy-')
          setTimeout(() => response.destroy(), 10)
        }
      ]
    ] as const) {
      it.scopedLive(`${what} ends in ApiUnavailable`, () =>
        Effect.gen(function* () {
          const url = yield* serve(handler)
          const error = yield* Effect.flip(Effect.provide(send, stack(client, { baseUrl: url })))
          assert.strictEqual(error._tag, "ApiUnavailable")
        })
      )
    }

    it.scopedLive(
      "I9: a server that never answers is given up after the time-out, also inside the journal's uninterruptible step",
      () =>
        Effect.gen(function* () {
          let requests = 0
          const url = yield* serve(() => void requests++)
          const hanging = Effect.flatMap(Transport, (transport) => transport.send(list, Effect.uninterruptible))
          const error = yield* Effect.flip(
            Effect.provide(hanging, stack(client, { baseUrl: url, requestTimeout: 1000 }))
          )
          assert.strictEqual(error._tag, "ApiUnavailable")
          assert.include(error.message, "no reply within")
          assert.strictEqual(requests, 1)
        })
    )

    it.scopedLive("a body that hangs is given up after the time-out", () =>
      Effect.gen(function* () {
        const url = yield* serve((_, response) => {
          response.writeHead(200, free)
          response.write("[")
        })
        const error = yield* Effect.flip(Effect.provide(send, stack(client, { baseUrl: url, requestTimeout: 100 })))
        assert.strictEqual(error._tag, "ApiUnavailable")
      })
    )

    it.scopedLive("an interrupted request is cut off at the server", () =>
      Effect.gen(function* () {
        let here = false
        let cut = false
        const url = yield* serve((request) => {
          here = true
          request.socket.on("close", () => {
            cut = true
          })
        })
        const fiber = yield* Effect.fork(Effect.provide(send, stack(client, { baseUrl: url })))
        yield* Effect.repeat(Effect.sleep(10), { until: () => here })
        yield* Fiber.interrupt(fiber)
        yield* Effect.repeat(Effect.sleep(10), { until: () => cut })
      })
    )

    it.live("a refused connection names the system's code and nothing else", () =>
      Effect.gen(function* () {
        const closed = yield* Effect.scoped(serve(() => undefined))
        const error = yield* Effect.flip(Effect.provide(send, stack(client, { baseUrl: closed })))
        assert.strictEqual(error.message, "No usable answer to list (network): the connection failed (ECONNREFUSED)")
        assert.notInclude(inspect(error, { depth: null, showHidden: true }), masterKey)
      })
    )
  })
}

it.scopedLive("one connection serves many requests where the client keeps connections", () =>
  Effect.gen(function* () {
    const ports = new Set<number | undefined>()
    const url = yield* serve((request, response) => {
      ports.add(request.socket.remotePort)
      json(response, 200, [])
    })
    yield* Effect.provide(
      Effect.flatMap(KeyReader, (reader) => Effect.replicateEffect(reader.list, 10)),
      stack(keepAlive, { baseUrl: url })
    )
    assert.strictEqual(ports.size, 1)
  })
)

it.effect("a defect of the HTTP client ends in a typed error without what the client knew", () =>
  Effect.gen(function* () {
    for (const client of [
      HttpClient.make((request) => Effect.die(request)),
      HttpClient.make(() => {
        throw new TypeError(`Invalid header: Bearer ${masterKey}`)
      }),
      HttpClient.make((request) =>
        Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(masterKey) }))
      )
    ]) {
      const exit = yield* Effect.exit(Effect.provide(send, stack(Layer.succeed(HttpClient.HttpClient, client))))
      assert.isTrue(Exit.isFailure(exit) && !Cause.isDie(exit.cause))
      assert.notInclude(inspect(exit, { depth: null, showHidden: true }), masterKey)
    }
  })
)
