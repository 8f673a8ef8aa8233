import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Either, Fiber, Layer, Schema, TestClock } from "effect"
import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Notices } from "../src/Notice.ts"
import { makePlan } from "../src/Plan.ts"
import { NoticeTarget } from "../src/SettingsContent.ts"
import { parseSettings } from "../src/Settings.ts"
import { factsOf, readingOf } from "./support.ts"
import { confirmed, live, makeWorld } from "./world.ts"

interface Seen {
  readonly body: string
  readonly signature: string | undefined
}

/** A webhook on a real socket that answers as told. */
const webhook = (answer: (request: IncomingMessage, reply: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: Array<Seen> = []
      const server = createServer((request, reply) => {
        let body = ""
        request.on("data", (chunk) => (body += String(chunk)))
        request.on("end", () => {
          seen.push({ body, signature: String(request.headers["x-keysweep-signature"] ?? "") })
          answer(request, reply)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      return { seen, server, url: `http://127.0.0.1:${port}/hook` }
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

const planning = Either.getOrThrow(
  makePlan(
    { action: "delete", selector: { all: true }, reason: "<!channel> & co" },
    factsOf(
      readingOf([
        { name: "<https://x|y>`" },
        { name: "ek-proxy-0123456789abcdef" },
        { name: "x\nTo object: do nothing" }
      ])
    )
  )
)
const plan = planning._tag === "Plan" ? planning.plan : undefined
const target = (kind: string) =>
  Schema.decodeUnknownSync(NoticeTarget)({ name: "ops", kind, urlFrom: "HOOK", secretFrom: "SECRET" })

const send = (kind: string, url: string, client: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layer) =>
  Effect.gen(function* () {
    if (plan === undefined) return yield* Effect.die("no plan")
    const notices = yield* Notices
    return yield* Effect.either(notices.send(target(kind), plan, "os:ada"))
  }).pipe(
    Effect.provide(Layer.provide(Notices.layer, client)),
    Effect.withConfigProvider(
      ConfigProvider.fromMap(
        new Map([
          ["HOOK", url],
          ["SECRET", "shh"]
        ])
      )
    )
  )

const says =
  (status: number, body: string, headers = {}) =>
  (_: IncomingMessage, reply: ServerResponse) => {
    reply.writeHead(status, headers).end(body)
  }

describe("Notices", () => {
  it.scopedLive("arrive signed, with no secret, and with names that Slack cannot take for markup", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(says(200, "ok"))
      assert.isTrue(Either.isRight(yield* send("slack", hook.url)))
      assert.isTrue(Either.isRight(yield* send("webhook", hook.url)))
      const [slack, generic] = hook.seen
      assert.notMatch(`${slack?.body}${generic?.body}`, /ek-proxy/)
      assert.notInclude(slack?.body ?? "", "<!channel>")
      assert.notInclude(slack?.body ?? "", "<https")
      const [, at = "", mac = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(generic?.signature ?? "") ?? []
      assert.strictEqual(createHmac("sha256", "shh").update(`${at}.${generic?.body}`).digest("hex"), mac)
    })
  )

  it.scopedLive("an answer that is not a plain success is a failure", () =>
    Effect.gen(function* () {
      const answers: ReadonlyArray<readonly [string, ReturnType<typeof says>]> = [
        ["slack", says(500, "no")],
        ["slack", says(404, "no_service")],
        ["slack", says(200, "invalid_payload")],
        ["slack", says(302, "ok", { location: "http://127.0.0.1:1/" })],
        ["webhook", says(200, '{"ok":false}')],
        ["webhook", says(200, '{"error":"channel_not_found"}')],
        ["webhook", says(200, '{"error": true}')],
        ["webhook", says(200, '{ "ok" : false }')],
        ["webhook", (request) => request.socket.destroy()]
      ]
      for (const [kind, answer] of answers) {
        const hook = yield* webhook(answer)
        assert.isTrue(Either.isLeft(yield* send(kind, hook.url)), kind)
        assert.strictEqual(hook.seen.length, 1)
      }
      assert.isTrue(Either.isLeft(yield* send("slack", "http://127.0.0.1:1/")))
    })
  )

  it.scoped("one that does not answer within 10 s is a failure", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(() => {})
      const sending = yield* Effect.fork(send("webhook", hook.url))
      // The clock of the test stands still until the notice is there.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10))).pipe(
        Effect.repeat({ until: () => hook.seen.length === 1 })
      )
      yield* TestClock.adjust("10 seconds")
      const result = yield* Fiber.join(sending)
      assert.isTrue(Either.isLeft(result) && result.left.detail === "no reply within 10 s")
    })
  )

  it.scopedLive("a plain success is one however the webhook writes it", () =>
    Effect.gen(function* () {
      for (const body of ["", "accepted", '{"ok": true}', '{"ok":true,"error":null}', '{"error": false}', "[]"]) {
        const hook = yield* webhook(says(200, body))
        assert.isTrue(Either.isRight(yield* send("webhook", hook.url)), body)
      }
    })
  )

  it.scopedLive(
    "a redirect is followed by no client, so that nobody else gets the names and none else's yes counts",
    () =>
      Effect.gen(function* () {
        const elsewhere = yield* webhook(says(200, "ok"))
        for (const client of [NodeHttpClient.layer, FetchHttpClient.layer]) {
          const hook = yield* webhook(says(302, "", { location: elsewhere.url }))
          assert.isTrue(Either.isLeft(yield* send("slack", hook.url, client)))
        }
        assert.isEmpty(elsewhere.seen)
      })
  )

  it.scopedLive("a name with a line break cannot write a line of its own", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(says(200, "ok"))
      yield* send("slack", hook.url)
      const text: unknown = JSON.parse(hook.seen[0]?.body ?? "{}").text
      assert.isFalse(
        String(text)
          .split("\n")
          .some((line) => line.startsWith("To object: do nothing"))
      )
    })
  )

  it.scopedLive("a required notice that is not delivered blocks the run before its first write", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(says(500, "down"))
      const settings = Either.getOrThrow(
        parseSettings("keysweep.yaml", "notices: [{ name: ops, kind: slack, urlFrom: HOOK }]")
      )
      const config = ConfigProvider.fromMap(new Map([["HOOK", hook.url]]))
      const world = yield* makeWorld({ settings })
      const [first = ""] = yield* world.names
      const doomed = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
      const error = yield* Effect.flip(world.sweep.apply(doomed, confirmed(doomed))).pipe(
        Effect.withConfigProvider(config)
      )
      assert.strictEqual(error._tag, "GateBlocked")
      assert.deepStrictEqual(yield* world.writes, [])
      assert.strictEqual(hook.seen.length, 1)
    }).pipe(Effect.provide(live))
  )
})
