import { assert, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { once } from "node:events"
import { connect } from "node:net"
import { health, serveHealth } from "../src/Health.ts"

const options = {
  botToken: Redacted.make(""),
  edge: { appToken: Redacted.make("") },
  apiUrl: "",
  port: 0,
  host: "127.0.0.1"
}

it.live("a request whose path is none is answered like any other that is not known, and the process lives", () =>
  Effect.gen(function* () {
    const routes = health(() => Promise.resolve(true))
    const port = yield* serveHealth(options, routes)
    for (const path of ["//", "http://[", "/nothing"]) {
      const answer = yield* Effect.promise(async () => {
        const socket = connect(port, "127.0.0.1").setEncoding("utf8")
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
        const [first] = await once(socket, "data")
        return String(first)
      })
      assert.match(answer, /^HTTP\/1.1 404/)
    }
    const status = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/health`)).status)
    assert.strictEqual(status, 200)
  }).pipe(Effect.scoped)
)
