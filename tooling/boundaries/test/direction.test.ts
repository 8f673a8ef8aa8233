import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, it } from "vitest"
import { readTree } from "../src/Tree.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
let copy = ""

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "keysweep-boundaries-"))
  for (const path of readTree(root).keys()) cpSync(join(root, path), join(copy, path))
})

afterEach(() => rmSync(copy, { recursive: true }))

it("turbo boundaries passes on the repository as it is", () => {
  assert.deepInclude(boundaries(), { status: 0 })
})

it.each([
  ["packages/audit", "@keysweep/emulator"],
  ["packages/emulator", "@keysweep/audit"],
  ["packages/revocation", "keysweep"]
])("turbo boundaries refuses that %s depends on %s", (folder, dependency) => {
  depend(folder, dependency)
  const { status, output } = boundaries()
  assert.strictEqual(status, 1, output)
  assert.include(output, `Package \`${dependency}\` found without any tag listed in allowlist`)
})

it("turbo boundaries refuses an import that the manifest does not declare", () => {
  writeFileSync(join(copy, "packages/core/src/Planted.ts"), `import "@keysweep/revocation/Plan"\n`)
  const { status, output } = boundaries()
  assert.strictEqual(status, 1, output)
  assert.include(output, "cannot import package `@keysweep/revocation`")
})

it("turbo boundaries refuses that one app depends on another", () => {
  cpSync(join(copy, "apps/cli"), join(copy, "apps/second"), { recursive: true })
  const manifest = join(copy, "apps/second/package.json")
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(`"name": "keysweep"`, `"name": "@keysweep/second"`))
  depend("apps/second", "keysweep")
  const { status, output } = boundaries()
  assert.strictEqual(status, 1, output)
  assert.include(output, "Package `keysweep` found with tag listed in denylist")
})

const depend = (folder: string, dependency: string) => {
  const path = join(copy, folder, "package.json")
  const manifest = JSON.parse(readFileSync(path, "utf8"))
  manifest.dependencies = { ...manifest.dependencies, [dependency]: "workspace:*" }
  writeFileSync(path, JSON.stringify(manifest))
}

const boundaries = () => {
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules/.bin/turbo"), ["boundaries", "--no-color"], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" }
  })
  return { status, output: stdout + stderr }
}
