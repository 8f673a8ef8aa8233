import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))
let copy = ""

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "keysweep-lint-"))
  for (const path of [".oxlintrc.json", "tooling/lint"]) cpSync(join(root, path), join(copy, path), { recursive: true })
})

afterEach(() => rmSync(copy, { recursive: true }))

describe("in sources, the linter refuses", () => {
  it.each([
    ["any", "export const a: any = 1", "no-explicit-any"],
    ["as", "export const a = JSON.parse('1') as number", "consistent-type-assertions"],
    ["a bracketed assertion", "export const a = <number>JSON.parse('1')", "consistent-type-assertions"],
    ["!", "export const a = (b?: string) => b!.length", "no-non-null-assertion"],
    ["Date.now", "export const a = Date.now()", "no-restricted-properties"],
    ["new Date", "export const a = new Date(0)", "no-date"],
    ["Math.random", "export const a = Math.random()", "no-restricted-properties"],
    ["console", "export const a = () => console.log(1)", "no-console"],
    ["process.env", "export const a = process.env['HOME']", "no-process-env"],
    ["async", "export const a = async () => 1", "no-async"],
    ["try", "export const a = () => {\n  try {\n    return 1\n  } finally {\n    a()\n  }\n}", "no-async"],
    ["Effect.Service", "import { Effect } from 'effect'\nexport const a = Effect.Service", "no-effect-service"],
    ["a silenced compiler", "// @ts-ignore\nexport const a = 1", "ban-ts-comment"],
    ["a long file", "\n".repeat(301), "max-lines"]
  ])("%s", (_, text, rule) => {
    assert.include(lint("packages/core/src/A.ts", text), rule)
  })

  it("Node in core", () => {
    assert.include(lint("packages/core/src/A.ts", "export { join } from 'node:path'"), "no-restricted-imports")
  })
})

it("in tests, the linter refuses a runtime of the test's own", () => {
  const text = "import { Effect } from 'effect'\nexport const a = Effect.runSync(Effect.succeed(1))"
  assert.include(lint("packages/core/test/A.test.ts", text), "no-run-sync")
})

it("the linter lets as const pass, and async in the file of a vendor", () => {
  assert.strictEqual(lint("packages/core/src/A.ts", "export const a = { b: 1 } as const"), "")
  const vendor = "import { Encrypter } from 'age-encryption'\nexport const a = async () => new Encrypter()"
  assert.strictEqual(lint("packages/audit/src/A.ts", vendor), "")
})

const lint = (path: string, text: string): string => {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  writeFileSync(join(copy, path), text)
  const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "unix", path], {
    cwd: copy,
    encoding: "utf8"
  })
  return stdout.trim()
}
