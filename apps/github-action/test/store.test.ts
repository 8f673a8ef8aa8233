import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { node24 } from "@keysweep/node24"
import type { PostgresAddress } from "@keysweep/testkit/Postgres"
import { assert, inject, it } from "vitest"
import { type Inputs, makeWorld, type Ran } from "./World.ts"

const store: PostgresAddress = inject("postgres")

const ended = (ran: Ran, outcome: string, exit: number) =>
  assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], [outcome, exit], ran.stdout + ran.stderr)

it.skipIf(store === null)(
  "I11: with a database machines share a log and hand on nothing but the plan: done once, known to every attempt",
  async () => {
    const world = await makeWorld(["--rpm", "1000"])
    let machines = 0
    /** A machine that nothing is left of afterwards. */
    const machine = (inputs: Inputs, attempt = 1) => {
      const temp = join(world.folder, `machine-${++machines}`)
      mkdirSync(temp)
      const env = { RUNNER_TEMP: temp, GITHUB_RUN_ID: "7", GITHUB_RUN_ATTEMPT: String(attempt) }
      const given = { ...world.base, store: store ?? "", "signing-key": world.signingKey, ...inputs }
      return world.run(given, { env, node: machines % 2 === 0 ? (node24 ?? process.execPath) : process.execPath })
    }
    const plan = async (inputs: Inputs) => {
      const ran = await machine({ command: "plan", reason: "a test", ...inputs })
      ended(ran, "done", 0)
      const path = join(world.folder, `plan-${machines}.json`)
      copyFileSync(ran.outputs["plan-path"] ?? "", path)
      return { command: "apply", "plan-path": path, confirm: ran.outputs["plan-hash"] ?? "" }
    }
    const keys = async () => (await world.accounts())[0]?.keys ?? []
    const named = async (name: string) => (await keys()).filter((key) => key.name === name).map((key) => key.is_active)

    const disable = await plan({ action: "disable", names: "staging", "delete-after": "1m" })
    const applied = await machine(disable)
    ended(applied, "done", 0)
    assert.strictEqual(applied.outputs["state-path"], "")
    assert.deepStrictEqual(await named("staging"), [false])
    const rotate = await plan({ action: "rotate", names: "production-worker", sinks: 'command:["cat"]' })
    const rotated = await machine(rotate)
    ended(rotated, "done", 0)
    assert.deepStrictEqual(await named("production-worker"), [false, true])

    const writes = await world.writes()
    for (const next of [disable, rotate]) {
      ended(await machine(next), "stale", 4)
      ended(await machine(next, 2), "stale", 4)
    }
    const anchor = rotated.outputs["log-anchor"] ?? ""
    ended(await machine({ command: "audit", anchor }), "done", 0)
    ended(await machine({ command: "audit", anchor: `1:${"0".repeat(64)}` }), "records", 7)
    ended(await machine({ command: "resume" }), "refused", 2)
    assert.strictEqual(await world.writes(), writes)

    for (let day = 1; day < 100 && (await named("staging")).length > 0; day++) await machine({ command: "run-due" })
    assert.deepStrictEqual(await named("staging"), [])
    const verified = await machine({
      command: "verify-log",
      "log-bundle": rotated.outputs["log-path"] ?? "",
      anchor,
      store: "",
      "api-key": "",
      recipients: "",
      "base-url": ""
    })
    ended(verified, "done", 0)
    assert.include(readFileSync(rotated.outputs["log-path"] ?? "", "utf8"), "ValueDelivered")
  }
)
