import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck, Schema } from "effect"
import { makeWorld } from "@keysweep/emulator/MakeWorld"
import { answer } from "@keysweep/emulator/Upstream"
import { admit, emptyBucket } from "@keysweep/emulator/Window"
import type { World } from "@keysweep/emulator/World"
import { oneKey } from "./support.ts"

/** What somebody does to an account; keys are named by their place, amounts are whole cents. */
const step = FastCheck.record({
  what: FastCheck.constantFrom("create", "update", "toggle", "remove", "chat", "delete-all"),
  key: FastCheck.nat(3),
  cents: FastCheck.integer({ min: 0, max: 6000 })
})

const send = (world: World, method: string, target: string, bearer: string, body: unknown): number =>
  answer(
    {
      method,
      target,
      body: JSON.stringify(body),
      address: "127.0.0.1",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json", "x-emulator-cost": "0.07" }
    },
    world
  ).status

const act = (world: World, { what, key, cents }: { what: string; key: number; cents: number }): number => {
  const [{ apiKey, keys }] = world.accounts
  const proxy_key = keys[key]?.key ?? "ek-proxy-gone"
  const settings = { proxy_key, name: "k", expires_at: -1, allocated_ammount: cents / 100 }
  if (what === "chat") return send(world, "POST", "/v1/chat/completions", proxy_key, { model: "m", messages: [] })
  if (what === "delete-all") return send(world, "DELETE", "/v1/auth/proxy", apiKey, {})
  return send(world, "POST", `/v1/auth/proxy/${what}`, apiKey, settings)
}

describe("money", () => {
  it("is never made or lost: balance, unused allocation and what was spent always add up, and nothing is negative", () => {
    let spends = 0
    FastCheck.assert(
      FastCheck.property(FastCheck.array(step, { maxLength: 40 }), (steps) => {
        const world = Either.getOrThrow(makeWorld({ seed: oneKey({}, { rpm: 1_000_000 }) }))
        let spent = 0
        for (const each of steps) {
          const done = act(world, each) === 200
          if (each.what === "chat" && done) spent += 7
          const [{ balance, keys }] = world.accounts
          const held = keys.reduce((sum, key) => sum + Math.max(0, key.allocated_ammount - key.used_ammount), 0)
          assert.strictEqual(Math.round((balance + held) * 100) + spent, 11_000)
          assert.isAtLeast(balance, 0)
        }
        spends += spent
      }),
      { numRuns: 500 }
    )
    assert.isAbove(spends, 0)
  })
})

describe("the window", () => {
  const rules = { limit: 3, windowMillis: 100, cooldownMillis: 250, cooldownExtends: false }

  it("lets at most R calls through in any window, always the R-th, and nothing while cooling down", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(120), { maxLength: 60 }), (gaps) => {
        const bucket = emptyBucket()
        const admitted: Array<number> = []
        let now = 0
        let quietUntil = 0
        for (const gap of gaps) {
          now += gap
          const verdict = admit(bucket, now, rules)
          const recent = admitted.filter((at) => at > now - rules.windowMillis)
          const wanted = now >= quietUntil && recent.length < rules.limit
          assert.strictEqual(verdict.admitted, wanted)
          assert.strictEqual(verdict.remaining, wanted ? rules.limit - recent.length - 1 : 0)
          if (wanted) admitted.push(now)
          else if (now >= quietUntil) quietUntil = now + rules.cooldownMillis
        }
      }),
      { numRuns: 2000 }
    )
  })
})

describe("hostile input", () => {
  it("any bytes as a body, and any text as a target, get an answer and do not bring the emulator down", () => {
    const world = Either.getOrThrow(makeWorld({ seed: oneKey({}, { rpm: 1_000_000 }) }))
    const [{ apiKey }] = world.accounts
    const anything = FastCheck.oneof(FastCheck.json(), FastCheck.string({ unit: "binary" }))
    const call = FastCheck.constantFrom("create", "lookup", "update", "toggle", "remove", "validate")
    FastCheck.assert(
      FastCheck.property(call, anything, FastCheck.webPath(), (name, body, path) => {
        for (const target of [`/v1/auth/proxy/${name}`, path, `/v1/auth/proxy/delete/${path}`]) {
          const received = {
            method: "POST",
            target,
            body,
            address: "127.0.0.1",
            headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }
          }
          const { status, body: sent } = answer(received, world)
          assert.include([200, 201, 307, 400, 402, 403, 404, 405], status)
          if (sent !== "") Schema.decodeUnknownSync(Schema.parseJson())(sent)
        }
      }),
      { numRuns: 600 }
    )
  })
})
