import { writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { assert, it } from "vitest"
import type { KeySelector, ProgressEvent } from "../src/Keysweep.ts"
import { failureOf, makeWorld } from "./support.ts"

it("disables what a plan names, proves it, and leaves a log that verifies against the receipt's anchor", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const inventory = await keysweep.inventory()
  assert.strictEqual(inventory.keys.length, (await world.keys()).length)
  const target = inventory.keys.find(({ state }) => state === "active")?.id ?? ""

  const { left, plan } = await keysweep.plan({ action: "disable", selector: { keys: [target] }, reason: "test" })
  assert.deepStrictEqual(
    plan?.keys.map(({ id }) => id),
    [target]
  )
  assert.strictEqual(left.length, inventory.keys.length - 1)
  assert.deepStrictEqual(await world.writes(), [])

  // As it would come back from a file.
  const receipt = await keysweep.apply(JSON.parse(JSON.stringify(plan)), { confirm: plan?.hash ?? "" })
  assert.strictEqual(receipt.outcome, "done")
  assert.deepStrictEqual(
    receipt.keys.map(({ id, outcome }) => [id, outcome]),
    [[target, "done"]]
  )
  const after = await keysweep.inventory()
  assert.strictEqual(after.keys.find(({ id }) => id === target)?.state, "disabled")

  const backups = await keysweep.backups()
  assert.deepStrictEqual(
    backups.map(({ id, keys }) => [id, keys]),
    [[receipt.backup, [target]]]
  )
  const verification = await keysweep.verifyLog(receipt.anchor ?? "none")
  assert.deepInclude(verification, { ok: true })
  assert.deepInclude(await keysweep.verifyLog("1:" + "0".repeat(64)), { ok: false, problem: "anchor" })
})

it("contains a key, and says for each key why it would not be narrower", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const request = (address: string) =>
    keysweep.plan({
      action: "contain",
      selector: { keys: ["production-web"] },
      narrow: { addresses: [address], limitType: "monthly" },
      reason: "test"
    })
  const error = await failureOf(request("198.51.100.0/24"))
  assert.deepInclude(error, { code: "KeysRefused", outcome: "refused" })
  assert.include(error.refused[0]?.reason, "outside 203.0.113.0/24")
  const { plan } = await request("203.0.113.7")
  if (plan === null) return assert.fail("there is something to narrow")
  assert.strictEqual((await keysweep.apply(plan, { confirm: plan.hash })).outcome, "done")
  const web = (await keysweep.inventory()).keys.find(({ name }) => name === "production-web")
  assert.deepStrictEqual(web?.addresses, ["203.0.113.7"])
})

it("every record names the user of the operating system, unauthenticated, and the surface library", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  assert.deepStrictEqual(await keysweep.log(), [])
  const backup = await keysweep.backup()
  const log = await keysweep.log()
  assert.deepStrictEqual(
    [...new Set(log.map(({ actor, surface }) => JSON.stringify([actor, surface])))],
    [JSON.stringify([{ name: `os:${userInfo().username}`, authenticated: false }, "library"])]
  )
  assert.deepInclude(log.at(-1)?.event, { _tag: "BackupTaken", backup: backup.id, sha256: backup.sha256 })
})

it("I11: a plan confirmed with another hash, changed, or made before its keys changed is stale and writes nothing", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "delete", selector: { names: ["*"] }, reason: "test" })
  if (plan === null) return assert.fail("there is something to delete")
  const before = await world.keys()

  const wrong = await failureOf(keysweep.apply(plan, { confirm: "0".repeat(64) }))
  assert.deepInclude(wrong, { code: "PlanStale", outcome: "stale" })

  const fewer = { ...plan, keys: plan.keys.slice(1) }
  assert.deepInclude(await failureOf(keysweep.apply(fewer, { confirm: plan.hash })), {
    code: "PlanStale",
    outcome: "stale"
  })

  const [first] = before
  const toggle = await fetch(`${world.url}/auth/proxy/toggle`, {
    method: "POST",
    headers: { authorization: `Bearer ${world.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ proxy_key: first?.key })
  })
  assert.isTrue(toggle.ok)
  const drifted = await failureOf(keysweep.apply(plan, { confirm: plan.hash }))
  assert.deepInclude(drifted, { code: "PlanStale", outcome: "stale" })
  assert.deepStrictEqual(
    drifted.drift.map(({ name }) => name),
    [first?.name]
  )

  assert.strictEqual((await world.keys()).length, before.length)
  assert.deepStrictEqual(await world.writes(), ["POST /v1/auth/proxy/toggle"])
})

it("I11: a plan runs once", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "delete", selector: { expired: true }, reason: "test" })
  if (plan === null) return assert.fail("there is something to delete")
  assert.deepInclude(await keysweep.apply(plan, { confirm: plan.hash }), { outcome: "done" })
  assert.deepInclude(await failureOf(keysweep.apply(plan, { confirm: plan.hash })), { outcome: "stale" })
})

it.each<readonly [string, unknown]>([
  ["no selector", { action: "delete", reason: "test" }],
  ["an empty selector", { action: "delete", selector: {}, reason: "test" }],
  [
    "a misspelt field beside a wide one",
    { action: "delete", selector: { names: ["*"], expierd: true }, reason: "test" }
  ],
  ["a pattern that is no list", { action: "delete", selector: { names: "*" }, reason: "test" }],
  ["a key that does not exist", { action: "delete", selector: { keys: ["nobody"] }, reason: "test" }],
  ["delete-all with a selector", { action: "delete-all", selector: { keys: ["ci"] }, reason: "test" }],
  ["no reason", { action: "delete", selector: { all: true } }],
  ["nothing at all", undefined]
])("I3: a request with %s is refused", async (_, request) => {
  const world = await makeWorld()
  const keysweep = await world.open()
  // What a program without types hands in.
  const error = await failureOf(Reflect.apply(keysweep.plan, keysweep, [request]))
  assert.strictEqual(error.outcome, "refused")
})

it("I3: a filter that matches nothing is no plan", async () => {
  const keysweep = await (await makeWorld()).open()
  const planned = await keysweep.plan({ action: "delete", selector: { names: ["no-such-*"] }, reason: "test" })
  assert.isNull(planned.plan)
  assert.isString(planned.detail)
})

it("selects by everything that the procedure knows", async () => {
  const keysweep = await (await makeWorld()).open()
  const names = async (selector: KeySelector) =>
    (await keysweep.plan({ action: "delete", selector, reason: "test" })).plan?.keys.map(({ name }) => name) ?? []
  assert.deepStrictEqual(await names({ where: 'name.startsWith("hackathon")', idle: "30d" }), ["hackathon-2026-03"])
  assert.deepStrictEqual(await names({ names: ["hackathon-*"], idle: "900d" }), [])
  const unused = await names({ unused: true, olderThan: "1d", spentBelow: 1 })
  assert.include(unused, "new-search (not live)")
  assert.deepInclude(
    await failureOf(keysweep.plan({ action: "delete", selector: { idle: "a month" }, reason: "test" })),
    { code: "InvalidInput", outcome: "refused" }
  )
})

it("I12: keys that the settings file protects are skipped; a settings file that is missing refuses", async () => {
  const world = await makeWorld()
  const file = join(world.folder, "rules.yaml")
  writeFileSync(file, 'protected: [{ name: "*", why: "a test" }]')
  const keysweep = await world.open({ settings: file })
  const { plan } = await keysweep.plan({ action: "delete-all", reason: "test" })
  assert.isNull(plan)
  assert.deepInclude(await failureOf(world.open({ settings: join(world.folder, "missing.yaml") })), {
    outcome: "refused"
  })
})

it("I8: neither the instance nor an error nor a file shows the master key or a key's secret", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({
    action: "delete",
    selector: { expired: true },
    reason: `because of ${world.apiKey}`
  })
  if (plan === null) return assert.fail("there is something to delete")
  const secrets = [world.apiKey, ...(await world.keys()).map(({ key }) => key)]
  const receipt = await keysweep.apply(plan, { confirm: plan.hash })
  const errors = [
    await failureOf(world.open({ apiKey: `${world.apiKey}x` }).then((other) => other.inventory())),
    await failureOf(world.open({ apiKey: secrets[1] ?? "" })),
    await failureOf(keysweep.plan({ action: "delete", selector: { keys: [secrets[1] ?? ""] }, reason: "test" })),
    await failureOf(Reflect.apply(world.open, undefined, [{ apiKey: { secret: world.apiKey } }]))
  ]
  const shown = [keysweep, plan, receipt, await keysweep.log(), ...errors].flatMap((it) => [
    inspect(it, { showHidden: true, depth: 12, getters: true }),
    JSON.stringify(it)
  ])
  for (const text of [...shown, ...world.files()]) {
    for (const secret of secrets) assert.isFalse(text.includes(secret), text.slice(0, 300))
  }
})

it("an API key that nobody knows ends as credentials, with nothing but reads sent", async () => {
  const world = await makeWorld()
  const keysweep = await world.open({ apiKey: "ek-nobody-knows-this-one" })
  assert.deepInclude(await failureOf(keysweep.inventory()), { code: "Unauthorized", outcome: "credentials" })
  assert.deepStrictEqual(await world.writes(), [])
})

it("tells what a run is doing, and a callback that throws changes nothing", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "delete", selector: { expired: true }, reason: "test" })
  if (plan === null) return assert.fail("there is something to delete")
  const events: Array<ProgressEvent> = []
  const onProgress = (event: ProgressEvent) => {
    events.push(event)
    throw new Error("a mistake of the caller")
  }
  assert.deepInclude(await keysweep.apply(plan, { confirm: plan.hash, onProgress }), { outcome: "done" })
  assert.deepStrictEqual(
    events.flatMap((event) => (event._tag === "Key" ? [event.id] : [])).sort(),
    plan.keys.map(({ id }) => id).sort()
  )
  assert.includeDeepMembers(events, [
    { _tag: "Phase", phase: "acting" },
    { _tag: "Phase", phase: "proving" }
  ])
})

it("an aborted signal ends a run that waits for the rate limit; resume does the rest", async () => {
  const world = await makeWorld({ rpm: 5 })
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "disable", selector: { states: ["active"] }, reason: "test" })
  if (plan === null) return assert.fail("there is something to disable")
  const abort = new AbortController()
  let begun = 0
  const error = await failureOf(
    keysweep.apply(plan, {
      confirm: plan.hash,
      signal: abort.signal,
      onProgress: (event) => {
        if (event._tag === "Key") begun++
        if (event._tag === "Waiting" && begun > 0) abort.abort()
      }
    })
  )
  assert.deepInclude(error, { code: "Interrupted", outcome: "interrupted" })
  assert.isBelow((await world.writes()).length, plan.keys.length)
  assert.deepInclude(await keysweep.resume(), { outcome: "done", plan: plan.hash })
  assert.strictEqual((await world.writes()).length, plan.keys.length)
  assert.deepInclude(await keysweep.verifyLog(), { ok: true })
})

it("close ends a call that waits, and refuses what comes later", async () => {
  const world = await makeWorld()
  await world.control("faults", [{ kind: "hang", match: { method: "GET" } }])
  const keysweep = await world.open()
  const waiting = failureOf(keysweep.inventory())
  await keysweep.close()
  assert.deepInclude(await waiting, { code: "Interrupted" })
  assert.deepInclude(await failureOf(keysweep.inventory()), { code: "Closed", outcome: "refused" })
  await keysweep.close()
})

it("I5: a flip whose reply was lost is sent once", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "disable", selector: { states: ["active"] }, reason: "test" })
  if (plan === null) return assert.fail("there is something to disable")
  await world.control("faults", [{ kind: "drop-after", match: { method: "POST", path: "*/toggle" } }])
  const receipt = await keysweep.apply(plan, { confirm: plan.hash })
  assert.strictEqual(receipt.outcome, "done")
  assert.strictEqual((await world.writes()).length, plan.keys.length)
})
