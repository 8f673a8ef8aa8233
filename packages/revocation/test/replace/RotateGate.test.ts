import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Either, Layer } from "effect"
import { createServer } from "node:http"
import { parseSettings } from "../../src/Settings.ts"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

const withKeys = (settings: string) =>
  Effect.gen(function* () {
    const world = yield* makeReplaceWorld({ emulator: { seed: "empty" }, settings: settingsOf(settings) })
    for (const name of ["app-0", "app-1"]) yield* world.create(name)
    const it = yield* world.replacements
    const planned = (more: object = {}) =>
      Effect.gen(function* () {
        const planning = yield* it.plan({
          action: "rotate",
          selector: { keys: ["app-0"] },
          sinks: [sinkOf(`dotenv:${world.env}`)],
          soak: Duration.zero,
          reason: "test",
          ...more
        })
        return planning._tag === "Plan" ? planning.plan : yield* Effect.dieMessage(planning.detail)
      })
    const apply = (plan: Effect.Effect.Success<ReturnType<typeof planned>>) =>
      it.apply(plan, { plan: plan.hash, how: "hash" })
    return { ...world, apply, planned }
  })

const people = "people: [{ name: Ada, os: ada, slack: U1 }, { name: Otto, slack: U2 }]\napprovals: { delete: 1 }"

describe("the gate of a rotation", () => {
  it.scopedLive(
    "a second person, where a deletion needs one; their yes also holds for the deletion after the soak",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(people)
        const plan = yield* world.planned()
        assert.deepInclude(
          plan.gate.find(({ check }) => check === "second person"),
          { result: "block", detail: "0 of 1 approvals by other people" }
        )
        const blocked = yield* Effect.flip(world.apply(plan))
        assert.isTrue(blocked._tag === "GateBlocked" && blocked.message.includes("second person"), blocked.message)
        assert.lengthOf(yield* world.keys, 2)

        const own = yield* Effect.flip(world.sweep.approve(plan, { name: "os:ada", authenticated: true }))
        assert.strictEqual(own._tag, "ApprovalRefused")
        const otto = yield* world.sweepFor("slack:U2")
        const state = yield* otto.approve(plan, { name: "os:ada", authenticated: true })
        assert.deepStrictEqual(state, { required: 1, given: ["Otto"] })
        assert.strictEqual((yield* world.apply(plan)).outcome, "done")
        const { receipts, waiting } = yield* world.sweep.runDue
        assert.deepStrictEqual(waiting, [])
        assert.deepStrictEqual(
          receipts.map(({ outcome }) => outcome),
          ["done"]
        )
        const again = yield* Effect.flip(otto.approve(plan, { name: "os:ada", authenticated: true }))
        assert.isTrue(again._tag === "ApprovalRefused" && again.reason === "used")
      }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "every check that a deletion has, blocking where the settings say so, and a soak as long as they ask",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(
          "block: [unknown owner, not soaked]\nsoak: [{ time: 20d }]\noverridable: [unknown owner]"
        )
        const plan = yield* world.planned({ soak: undefined })
        assert.strictEqual(plan.values.soakSeconds, Duration.toSeconds("20 days"))
        const rows = plan.gate.map(({ check }) => check)
        assert.includeMembers(rows, [
          "cap",
          "live use",
          "unknown owner",
          "still stored",
          "not soaked",
          "no notice",
          "hold"
        ])
        const blocked = yield* Effect.flip(world.apply(plan))
        assert.match(blocked.message, /unknown owner/)
        const short = yield* world.planned({ override: true, reason: "the owner is gone" })
        assert.deepStrictEqual(short.overridden, ["unknown owner"])
        assert.match((yield* Effect.flip(world.apply(short))).message, /shorter time than the settings ask for/)
        const lifted = yield* world.planned({ soak: undefined, override: true, reason: "the owner is gone" })
        assert.strictEqual((yield* world.apply(lifted)).outcome, "done")
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("a hold, of the plan or of a key, keeps every key from being made", () =>
    Effect.gen(function* () {
      const world = yield* withKeys("")
      const plan = yield* world.planned()
      yield* world.sweep.hold({ plan: plan.hash }, "the release is tonight")
      const held = yield* Effect.flip(world.apply(plan))
      assert.match(held.message, /the release is tonight/)
      yield* world.sweep.liftHold({ plan: plan.hash }, "released")
      const [old] = plan.keys
      if (old === undefined) return assert.fail("a key is planned")
      yield* world.sweep.hold({ key: old.id }, "mine")
      assert.match((yield* Effect.flip(world.apply(plan))).message, /app-0: mine/)
      assert.lengthOf(yield* world.keys, 2)
      yield* world.sweep.liftHold({ key: old.id }, "not any more")
      assert.strictEqual((yield* world.apply(plan)).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "those whom the settings name are told before a key is made; a notice that must arrive and does not, blocks",
    () =>
      Effect.gen(function* () {
        const told: Array<string> = []
        let status = 500
        const hook = yield* Effect.acquireRelease(
          Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
            const server = createServer((request, reply) => {
              let body = ""
              request.on("data", (chunk) => (body += String(chunk)))
              request.on("end", () => {
                told.push(body)
                reply.writeHead(status).end()
              })
            }).listen(0, "127.0.0.1", () => {
              const address = server.address()
              const port = typeof address === "object" ? address?.port : undefined
              resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close() }))
            })
          }),
          ({ close }) => Effect.sync(close)
        )
        yield* Effect.gen(function* () {
          const world = yield* withKeys("notices: [{ name: ops, kind: webhook, urlFrom: HOOK, required: true }]")
          const plan = yield* world.planned()
          const blocked = yield* Effect.flip(world.apply(plan))
          assert.match(blocked.message, /no notice.*ops/)
          assert.lengthOf(yield* world.keys, 2)
          status = 200
          const next = yield* world.planned()
          assert.strictEqual((yield* world.apply(next)).outcome, "done")
          assert.deepInclude(JSON.parse(told.at(-1) ?? ""), { action: "rotate", plan: next.hash })
        }).pipe(Effect.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["HOOK", hook.url]])))))
      }).pipe(Effect.provide(live))
  )
})
