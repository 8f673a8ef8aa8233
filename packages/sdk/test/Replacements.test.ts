import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseEnv } from "node:util"
import { assert, it } from "vitest"
import type { ErrorCode } from "../src/Keysweep.ts"
import { failureOf, makeWorld, type World } from "./support.ts"

const inPlace = (world: World) => ({
  sink: `dotenv:${join(world.folder, ".env")}#{NAME}`,
  values: () => parseEnv(readFileSync(join(world.folder, ".env"), "utf8"))
})

const named = async (world: World, name: string) => (await world.keys()).filter((key) => key.name === name)

it("rotates a key, step by step: the new value is in its place, the old key is disabled and deleted when it has soaked", async () => {
  const world = await makeWorld()
  const { sink, values } = inPlace(world)
  const keysweep = await world.open()
  const [old] = await named(world, "production-worker")
  const { plan } = await keysweep.rotate({
    selector: { keys: ["production-worker"] },
    sinks: [sink],
    wait: "6s",
    soak: "0s",
    limitType: "monthly",
    reason: "yearly"
  })
  if (plan === null) return assert.fail("there is something to rotate")
  assert.deepInclude(plan.values, { sinks: [sink], waitSeconds: 6, soakSeconds: 0, limitType: "monthly" })
  assert.deepStrictEqual(await world.writes(), [])

  // As it would come back from a file.
  const saved: typeof plan = JSON.parse(JSON.stringify(plan))
  const running = keysweep.start(saved, { confirm: plan.hash })
  const seen: Array<string> = []
  for await (const event of running) seen.push(event._tag === "Key" ? event.name : event._tag)
  const receipt = await running.receipt
  assert.deepInclude(receipt, { schema: "keysweep.replacement/1", outcome: "done", action: "rotate" })
  assert.includeMembers(seen, ["Phase", "production-worker"])
  assert.isNotNull(receipt.keys[0]?.replacement)

  const value = values()["PRODUCTION_WORKER"] ?? "none"
  const switches = (await named(world, "production-worker")).map(({ is_active, key }) => [key, is_active])
  assert.sameDeepMembers(switches, [
    [old?.key, false],
    [value, true]
  ])
  assert.deepInclude(await keysweep.runDue(), { outcome: "done" })
  assert.deepStrictEqual(
    (await named(world, "production-worker")).map(({ key }) => key),
    [value]
  )
  // I8: nowhere but in its sink.
  assert.lengthOf(
    world.files().filter((text) => text.includes(value)),
    1
  )
  assert.isFalse(JSON.stringify([plan, receipt, await keysweep.log()]).includes(value))
})

it("makes a deleted key again, from the log or from a backup, once", async () => {
  const world = await makeWorld()
  const { sink, values } = inPlace(world)
  const keysweep = await world.open()
  const deletion = await keysweep.plan({ action: "delete", selector: { keys: ["staging"] }, reason: "not needed" })
  if (deletion.plan === null) return assert.fail("there is something to delete")
  const gone = await keysweep.apply(deletion.plan, { confirm: deletion.plan.hash })
  const request = { selector: { keys: ["staging"] }, sinks: [sink], reason: "it was needed" }
  const fromBackup = await keysweep.recreate({ ...request, from: gone.backup })
  const { plan } = await keysweep.recreate(request)
  if (plan === null) return assert.fail("there is something to make again")
  assert.strictEqual(fromBackup.plan?.digest, plan.digest)
  assert.deepInclude(await keysweep.apply(plan, { confirm: plan.hash }), { outcome: "done", deletesAt: null })
  assert.deepStrictEqual(
    (await named(world, "staging")).map(({ key }) => key),
    [values()["STAGING"]]
  )
  assert.isNull((await keysweep.recreate(request)).plan)
})

it("an aborted rotation has touched no old key; resume does the rest and makes no key twice", async () => {
  const world = await makeWorld()
  const { sink, values } = inPlace(world)
  const keysweep = await world.open()
  const [old] = await named(world, "production-worker")
  const { plan } = await keysweep.rotate({
    selector: { keys: ["production-worker"] },
    sinks: [sink],
    reason: "test"
  })
  if (plan === null) return assert.fail("there is something to rotate")
  const abort = new AbortController()
  const error = await failureOf(
    keysweep.apply(plan, {
      confirm: plan.hash,
      signal: abort.signal,
      onProgress: (event) => {
        if (event._tag === "Key") abort.abort()
      }
    })
  )
  assert.deepInclude(error, { code: "Interrupted", outcome: "interrupted" })
  assert.isTrue((await named(world, "production-worker")).every(({ is_active }) => is_active))

  const receipt = await (await world.open()).resume()
  assert.deepInclude(receipt, { schema: "keysweep.replacement/1", outcome: "done", plan: plan.hash })
  assert.sameDeepMembers(
    (await named(world, "production-worker")).map(({ is_active, key }) => [key, is_active]),
    [
      [old?.key, false],
      [values()["PRODUCTION_WORKER"], true]
    ]
  )
  assert.deepInclude(await keysweep.verifyLog(), { ok: true })
  assert.deepInclude(await failureOf(keysweep.resume()), { code: "ResumeRefused", outcome: "refused" })
})

it("a rotation needs the approvals of a deletion, and takes them", async () => {
  const world = await makeWorld()
  const settings = join(world.folder, "keysweep.yaml")
  writeFileSync(
    settings,
    "people: [{ name: Rita, slack: U1 }, { name: Otto, github: otto }]\napprovals: { delete: 1 }\n"
  )
  const rita = await world.open({ settings, actor: "slack:U1" })
  const otto = await world.open({ settings, actor: "github:otto" })
  const { plan } = await rita.rotate({
    selector: { keys: ["production-worker"] },
    sinks: [inPlace(world).sink],
    reason: "test"
  })
  if (plan === null) return assert.fail("there is something to rotate")
  const blocked = await failureOf(rita.apply(plan, { confirm: plan.hash }))
  assert.deepInclude(blocked, { code: "GateBlocked", outcome: "blocked" })
  assert.deepInclude(await failureOf(rita.approve(plan, { requester: "slack:U1" })), { code: "ApprovalRefused" })
  assert.deepStrictEqual(await otto.approve(plan, { requester: "slack:U1" }), { required: 1, given: ["Otto"] })
  assert.deepStrictEqual(await rita.approvals(plan), { required: 1, given: ["Otto"] })
  assert.deepInclude(await rita.apply(plan, { confirm: plan.hash }), { outcome: "done" })
})

it("I3: what cannot be done safely is refused, and nothing is sent; no message repeats a secret", async () => {
  const world = await makeWorld()
  const { sink } = inPlace(world)
  const keysweep = await world.open()
  const one = { selector: { keys: ["production-worker"] }, reason: "test" }
  const refusals: ReadonlyArray<readonly ["rotate" | "recreate", ErrorCode, unknown]> = [
    ["rotate", "InvalidInput", { ...one, sinks: [sink], reason: " " }],
    ["rotate", "InvalidInput", { ...one, sinks: ["terminal"] }],
    ["rotate", "InvalidInput", { ...one, sinks: ["postit:monitor"] }],
    ["rotate", "InvalidInput", { ...one, sinks: [sink], waits: "1m" }],
    ["rotate", "ReplaceRefused", { ...one, sinks: [] }],
    ["rotate", "ReplaceRefused", { ...one, sinks: ["dotenv:.env#KEY"], selector: { names: ["production-*"] } }],
    ["rotate", "SelectionRefused", { ...one, sinks: [sink], selector: {} }],
    ["recreate", "InvalidInput", { ...one, sinks: [sink], from: "bk_1", identity: `age-secret ${world.apiKey}` }],
    ["recreate", "InvalidInput", { ...one, sinks: [sink], from: "bk_1", identity: { key: world.apiKey } }],
    ["recreate", "InvalidInput", undefined]
  ]
  for (const [call, code, request] of refusals) {
    // What a program without types hands in.
    const error = await failureOf(Reflect.apply(keysweep[call], keysweep, [request]))
    assert.deepInclude(error, { code, outcome: "refused" }, JSON.stringify(request))
    assert.notInclude(error.message, world.apiKey)
  }

  const { plan } = await keysweep.rotate({ ...one, sinks: [`dotenv:${join(world.folder, "missing", ".env")}#KEY`] })
  if (plan === null) return assert.fail("there is something to rotate")
  const noPlace = await failureOf(keysweep.apply(plan, { confirm: plan.hash }))
  assert.deepInclude(noPlace, { code: "ReplaceRefused", outcome: "refused" })
  const elsewhere = { ...plan, values: { ...plan.values, sinks: [sink] } }
  assert.deepInclude(await failureOf(keysweep.apply(elsewhere, { confirm: plan.hash })), { code: "PlanStale" })
  assert.deepStrictEqual(await world.writes(), [])
})
