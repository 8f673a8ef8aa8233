import type { BackupManifest } from "@keysweep/audit/BackupManifest"
import type { KeyState } from "@keysweep/core/ProxyKey"
import type { Action } from "@keysweep/revocation/Action"
import type { Inventory } from "@keysweep/revocation/Inventory"
import type { Outcome } from "@keysweep/revocation/Outcome"
import type { Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import type { ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import type { ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { spawn, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, it } from "vitest"
import type * as Documents from "../src/Documents.ts"
import type * as ReplaceDocuments from "../src/ReplaceDocuments.ts"
import type * as RunDocuments from "../src/RunDocuments.ts"
import { makeWorld } from "./support.ts"

const own = fileURLToPath(new URL("..", import.meta.url))
const tsc = join(own, "node_modules/.bin/tsc")

beforeAll(() => {
  const { status, stdout } = spawnSync(tsc, ["-b", "tsconfig.src.json"], { cwd: own, encoding: "utf8" })
  assert.strictEqual(status, 0, stdout)
})

const readme = readFileSync(join(own, "README.md"), "utf8")
const snippet = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""

it("the program in the README runs", async () => {
  const world = await makeWorld({ timeScale: 1 })
  mkdirSync(join(world.folder, "node_modules/@keysweep"), { recursive: true })
  symlinkSync(own, join(world.folder, "node_modules/@keysweep/sdk"))
  writeFileSync(join(world.folder, "program.mjs"), snippet)
  const before = await world.keys()
  const child = spawn(process.execPath, ["program.mjs"], {
    cwd: world.folder,
    env: { ELECTRONHUB_API_KEY: world.apiKey, ELECTRONHUB_BASE_URL: world.url, KEYSWEEP_HOME: world.home }
  })
  let output = ""
  child.stdout.on("data", (data) => (output += data))
  child.stderr.on("data", (data) => (output += data))
  const status = await new Promise((resolve) => child.on("close", resolve))
  assert.strictEqual(status, 0, output)
  assert.match(output, /^disable \d+ keys .*\ndone; backup bk_\w+, anchor \d+:[0-9a-f]{64}\n$/)
  const disabled = (keys: typeof before) => keys.filter((key) => !key.is_active).length
  assert.isAbove(disabled(await world.keys()), disabled(before))
})

it("types need nothing but the package itself: no Effect type is in a signature", async () => {
  const { folder } = await makeWorld()
  const installed = join(folder, "node_modules/@keysweep/sdk")
  for (const path of ["package.json", "dist"]) cpSync(join(own, path), join(installed, path), { recursive: true })
  writeFileSync(join(folder, "program.mts"), `${snippet}\n${wrong}`)
  const flags = [
    "--strict",
    "--noEmit",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--typeRoots",
    join(own, "node_modules/@types"),
    "--types",
    "node"
  ]
  const { stdout } = spawnSync(tsc, ["--pretty", "false", ...flags, "program.mts"], { cwd: folder, encoding: "utf8" })
  const errors = stdout.trim().split("\n")
  assert.strictEqual(errors.length, 1, stdout)
  assert.match(errors[0] ?? "", /TS2322.*'"finished"'/)
})

/** One mistake on purpose: where types cannot be found, everything is accepted. */
const wrong = `export const state = (await keysweep.inventory()).keys[0]?.state === "active" ? 1 : 2
export const code: KeysweepError["outcome"] = "finished"`

it("documents have every field that the procedure writes", () => {
  const same: readonly [
    Same<keyof Documents.InventoryDocument, keyof typeof Inventory.Encoded>,
    Same<keyof Documents.InventoryKey, keyof (typeof Inventory.Encoded)["keys"][number]>,
    Same<keyof Documents.PlanDocument, keyof typeof Plan.Encoded>,
    Same<keyof Documents.PlannedKey, keyof (typeof Plan.Encoded)["keys"][number]>,
    Same<keyof RunDocuments.ReceiptDocument, keyof typeof Receipt.Encoded>,
    Same<keyof ReplaceDocuments.ReplacementPlanDocument, keyof typeof ReplacePlan.Encoded>,
    Same<keyof ReplaceDocuments.ReplacementPlanDocument["values"], keyof (typeof ReplacePlan.Encoded)["values"]>,
    Same<
      keyof ReplaceDocuments.ReplacementPlanDocument["keys"][number],
      keyof (typeof ReplacePlan.Encoded)["keys"][number]
    >,
    Same<keyof ReplaceDocuments.ReplacementReceiptDocument, keyof typeof ReplaceReceipt.Encoded>,
    Same<keyof Documents.BackupDocument, keyof typeof BackupManifest.Encoded>,
    Same<Documents.Action, Action>,
    Same<Documents.KeyState, KeyState>,
    Same<Documents.Outcome, Outcome>
  ] = [true, true, true, true, true, true, true, true, true, true, true, true, true]
  assert.notInclude(same, false)
})

/** The compiler refuses the test when one of two lists has what the other lacks. */
type Same<A, B> = [A, B] extends [B, A] ? true : false
