import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { startGitHub } from "../sinks/GitHubStandIn.ts"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const secretOf = "/repos/o/r/actions/secrets/APP"

/** An account with one key, and GitHub, to which its new value is to go. */
const withGitHub = Effect.gen(function* () {
  const github = yield* startGitHub
  const world = yield* makeReplaceWorld({ emulator: { seed: "empty" } })
  yield* world.create("app")
  const atGitHub = Effect.withConfigProvider(
    ConfigProvider.fromMap(
      new Map([
        ["GITHUB_API_URL", github.url],
        ["KEYSWEEP_GITHUB_TOKEN", "token-of-nobody"]
      ])
    )
  )
  const rotate = atGitHub(
    world.carryOut({ action: "rotate", selector: { keys: ["app"] }, sinks: [sinkOf("github:o/r#{NAME}")] })
  )
  const resume = atGitHub(Effect.flatMap(world.replacements, (it) => it.resume(null)))
  /** Of each key whether it works, and what GitHub has: the whole of what a rotation can spoil. */
  const state = Effect.map(world.keys, (keys) => ({
    active: keys.map(({ is_active }) => is_active),
    arrived: github.secrets.get(secretOf) === keys.at(-1)?.key
  }))
  return { github, world, rotate, resume, state }
})

describe("A rotation whose value goes to GitHub", () => {
  it.scopedLive("arrives, sealed; a reply that is lost makes neither a second key nor a lost value", () =>
    Effect.gen(function* () {
      const { github, rotate, state } = yield* withGitHub
      let lost = 0
      github.faults.push(({ method }, reply) => {
        if (method !== "PUT" || lost++ > 0) return false
        reply.destroy()
        return true
      })
      assert.strictEqual((yield* rotate).receipt.outcome, "done")
      assert.deepStrictEqual(yield* state, { active: [false, true], arrived: true })
      assert.isAtLeast(lost, 2)
    }).pipe(Effect.provide(live))
  )

  for (const [what, status, headers, says] of [
    ["a wrong permission", 403, {}, /needs write access/],
    ["a used-up rate limit", 429, { "retry-after": "61" }, /rate limit.*61 s/]
  ] as const) {
    it.scopedLive(`${what} leaves the old key as it was, and names the new one; mended, a resume does the rest`, () =>
      Effect.gen(function* () {
        const { github, resume, rotate, state } = yield* withGitHub
        github.faults.push(
          ({ method }, reply) => method === "PUT" && github.json(reply, status, { message: "no" }, headers)
        )
        const { receipt } = yield* rotate
        assert.strictEqual(receipt.outcome, "failed")
        assert.match(receipt.keys[0]?.detail ?? "", says)
        assert.match(receipt.keys[0]?.detail ?? "", /old key was not touched.*resume.*keysweep delete --key kf_/)
        assert.deepStrictEqual(yield* state, { active: [true, true], arrived: false })
        github.faults.length = 0
        assert.strictEqual((yield* resume).outcome, "done")
        assert.deepStrictEqual(yield* state, { active: [false, true], arrived: true })
      }).pipe(Effect.provide(live))
    )
  }

  it.scopedLive("a place without a public key is found before a key is made", () =>
    Effect.gen(function* () {
      const { github, rotate, world } = yield* withGitHub
      github.faults.push((_request, reply) => github.json(reply, 200, {}))
      const refused = yield* Effect.flip(rotate)
      assert.strictEqual(refused._tag, "ReplaceRefused")
      assert.match(refused.message, /no public key.*Nothing was changed/)
      assert.deepStrictEqual(
        (yield* world.keys).map(({ is_active }) => is_active),
        [true]
      )
    }).pipe(Effect.provide(live))
  )
})
