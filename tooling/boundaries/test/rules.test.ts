import { assert, it } from "vitest"
import { coreHasNoNodeTypes, coreImportsNoNode } from "../src/Core.ts"
import { everyPackageHasATag, oneFilePerVendor, shippedImportsAreDependencies } from "../src/Packages.ts"
import { noMachinePath, noRegistryHost } from "../src/Places.ts"
import { agentsPageIsShort, noRuleIsSilenced, topLevelIsClosed } from "../src/Shape.ts"
import type { Rule } from "../src/Tree.ts"
import { catalogIsExact, manifestsUseTheCatalog, onePnpm } from "../src/Versions.ts"

// Spelt in pieces, because this very file is under the rules that it tests.
const registry = ["https://", "regis", "try.example.org/left-pad"].join("")
const machine = ["/ho", "me/someone/keysweep"].join("")
const silence = ["// oxlint", "disable-next-line no-console"].join("-")

const violations: ReadonlyArray<readonly [what: string, rule: Rule, files: Record<string, string>]> = [
  ["node:fs in core", coreImportsNoNode, { "packages/core/src/A.ts": `import { readFileSync } from "node:fs"` }],
  ["a bare builtin in core", coreImportsNoNode, { "packages/core/src/A.ts": `export { join } from "path"` }],
  [
    "a lazy builtin in core",
    coreImportsNoNode,
    { "packages/core/src/A.ts": `export const fs = () => import("node:fs")` }
  ],
  [
    "Effect's Node platform in core",
    coreImportsNoNode,
    { "packages/core/src/A.ts": `import "@effect/platform-node/NodeContext"` }
  ],
  [
    "types of Node in core",
    coreHasNoNodeTypes,
    { "packages/core/tsconfig.src.json": `{"compilerOptions":{"types":["node"]}}` }
  ],
  ["a reference to Node in core", coreHasNoNodeTypes, { "packages/core/src/A.ts": `export type T = NodeJS.Timeout` }],
  [
    "a vendor in two files",
    oneFilePerVendor,
    {
      "packages/audit/src/A.ts": `import { Encrypter } from "age-encryption"`,
      "packages/audit/src/B.ts": `import type { Decrypter } from "age-encryption"`
    }
  ],
  [
    "a test dependency in a shipped file",
    shippedImportsAreDependencies,
    {
      "packages/revocation/package.json": `{"devDependencies":{"@keysweep/emulator":"workspace:*"}}`,
      "packages/revocation/src/A.ts": `import { Emulator } from "@keysweep/emulator/Emulator"`
    }
  ],
  [
    "a tag without a rule",
    everyPackageHasATag,
    {
      "turbo.json": `{"boundaries":{"tags":{"core":{}}}}`,
      "packages/core/package.json": "{}",
      "packages/core/turbo.json": `{"tags":["cor"]}`
    }
  ],
  ["a package without a tag", everyPackageHasATag, { "apps/new/package.json": "{}" }],
  ["a range in the catalog", catalogIsExact, { "pnpm-workspace.yaml": "catalog:\n  effect: ^3.22.4\n" }],
  ["a tag in a named catalog", catalogIsExact, { "pnpm-workspace.yaml": "catalogs:\n  next:\n    effect: latest\n" }],
  [
    "a version in a manifest",
    manifestsUseTheCatalog,
    { "apps/cli/package.json": `{"devDependencies":{"effect":"3.22.4"}}` }
  ],
  [
    "another pnpm",
    onePnpm,
    { "package.json": `{"packageManager":"pnpm@10.34.8"}`, "README.md": "npx -y pnpm@10.34.7 test" }
  ],
  ["a registry", noRegistryHost, { "docs/setup.md": registry }],
  [
    "a lockfile bound to a host",
    noRegistryHost,
    { "pnpm-lock.yaml": ["resolution: {tar", "ball: https://example.org/a.tgz}"].join("") }
  ],
  ["a path of a machine", noMachinePath, { "docs/setup.md": `cd ${machine}` }],
  ["a new top-level file", topLevelIsClosed, { "notes.txt": "" }],
  ["a long AGENTS.md", agentsPageIsShort, { "AGENTS.md": "line\n".repeat(61) }],
  ["a silenced rule", noRuleIsSilenced, { "apps/cli/src/A.ts": silence }]
]

it.each(violations)("finds %s", (_, rule, files) => {
  assert.lengthOf(rule(new Map(Object.entries(files))), 1)
})

it("lets a vendor have one file in each of two packages, and core its own files", () => {
  const tree = new Map([
    ["packages/core/src/A.ts", `import { base32 } from "@scure/base"\nimport { B } from "./B.ts"`],
    ["packages/audit/src/A.ts", `import { base32 } from "@scure/base"`]
  ])
  assert.deepStrictEqual([...oneFilePerVendor(tree), ...coreImportsNoNode(tree)], [])
})

it("lets AGENTS.md have 60 lines and a peer have a range", () => {
  const tree = new Map([
    ["AGENTS.md", "line\n".repeat(60)],
    ["packages/core/package.json", `{"dependencies":{"effect":"catalog:"},"peerDependencies":{"effect":"^3.22.0"}}`]
  ])
  assert.deepStrictEqual([...agentsPageIsShort(tree), ...manifestsUseTheCatalog(tree)], [])
})
