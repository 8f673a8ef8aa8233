import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import type { PanicChoice } from "../src/Keysweep.ts"
import { failureOf, makeWorld } from "./support.ts"

const people = "people: [{ name: Rita, slack: U1 }, { name: Otto, github: otto }]\napprovals: { delete: 1 }\n"

it("says which keys a selector asks for, and why each is in or out", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { left, selected } = await keysweep.select({ names: ["production-*"] })
  assert.sameMembers(
    selected.map(({ name }) => name),
    ["production-web", "production-worker"]
  )
  assert.strictEqual(left.length + selected.length, (await world.keys()).length)
  assert.isTrue([...left, ...selected].every(({ reason }) => reason !== ""))
  assert.deepInclude(await failureOf(keysweep.select({})), { code: "SelectionRefused", outcome: "refused" })
})

it("follows a run step by step, and takes it back", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "disable", selector: { names: ["production-*"] }, reason: "test" })
  if (plan === null) return assert.fail("there is something to disable")
  const running = keysweep.start(plan, { confirm: plan.hash })
  const seen: Array<string> = []
  for await (const event of running) seen.push(event._tag === "Key" ? event.name : event._tag)
  const receipt = await running.receipt
  assert.strictEqual(receipt.outcome, "done")
  assert.includeMembers(seen, ["Started", "production-web", "production-worker"])

  const undo = await keysweep.undo(receipt.run, { reason: "it was needed" })
  assert.deepInclude(undo.plan, { action: "enable", undoes: receipt.run })
  if (undo.plan === null) return assert.fail("there is something to take back")
  assert.deepInclude(await keysweep.apply(undo.plan, { confirm: undo.plan.hash }), { outcome: "done" })
  assert.isTrue((await world.keys()).every(({ is_active, name }) => is_active || !name.startsWith("production-")))
})

it("a run that is refused ends the iteration, and its receipt rejects", async () => {
  const world = await makeWorld()
  const keysweep = await world.open()
  const { plan } = await keysweep.plan({ action: "disable", selector: { all: true }, reason: "test" })
  if (plan === null) return assert.fail("there is something to disable")
  const running = keysweep.start(plan, { confirm: "0".repeat(64) })
  for await (const event of running) assert.notStrictEqual(event._tag, "Key")
  assert.deepInclude(await failureOf(running.receipt), { code: "PlanStale" })
})

it("an approval counts when it is another person's, and a hold is heard", async () => {
  const world = await makeWorld()
  writeFileSync(join(world.folder, "keysweep.yaml"), people)
  const settings = join(world.folder, "keysweep.yaml")
  const rita = await world.open({ settings, actor: "slack:U1" })
  const otto = await world.open({ settings, actor: "github:otto" })
  const { plan } = await rita.plan({ action: "delete", selector: { keys: ["github-ci"] }, reason: "test" })
  if (plan === null) return assert.fail("there is something to delete")
  const blocked = await failureOf(rita.apply(plan, { confirm: plan.hash }))
  assert.deepInclude(blocked, { code: "GateBlocked", outcome: "blocked" })
  assert.deepInclude(await failureOf(rita.approve(plan, { requester: "slack:U1" })), { code: "ApprovalRefused" })
  assert.deepStrictEqual(await otto.approve(plan, { requester: "slack:U1" }), { required: 1, given: ["Otto"] })

  await otto.hold({ plan: plan.hash }, "wait for the release")
  const held = await failureOf(rita.apply(plan, { confirm: plan.hash }))
  assert.include(JSON.stringify(held.blocks), "wait for the release")
  await otto.liftHold({ plan: plan.hash }, "released")
  assert.deepStrictEqual(await rita.approvals(plan), { required: 1, given: ["Otto"] })
  assert.deepInclude(await rita.apply(plan, { confirm: plan.hash }), { outcome: "done" })
  assert.deepInclude(await failureOf(world.open({ actor: "os:root" })), { code: "InvalidInput" })
})

it("a panic takes the way whose phrase was chosen, and none where none was", async () => {
  const world = await makeWorld()
  const keysweep = await world.open({ reserve: 0 })
  const onTrouble = () => assert.fail("the log can be written")
  const nobody = { reason: "test", onTrouble, choose: () => null }
  assert.deepInclude(await failureOf(keysweep.panic(nobody)), { code: "ConfirmationRefused" })
  assert.deepStrictEqual(await world.writes(), [])
  const choose = async (choices: ReadonlyArray<PanicChoice>) =>
    choices.find(({ way }) => way === "disable")?.phrase ?? null
  const receipt = await keysweep.panic({ reason: "test", onTrouble, choose })
  assert.strictEqual(receipt.outcome, "done")
  assert.isTrue((await world.keys()).every(({ is_active }) => !is_active))
  assert.deepStrictEqual((await keysweep.soaking()).keys, [])
  assert.deepInclude(await keysweep.runDue(), { outcome: "nothing" })
})
