import { fileURLToPath } from "node:url"
import { assert, it } from "vitest"
import { coreHasNoNodeTypes, coreImportsNoNode } from "../src/Core.ts"
import { everyPackageHasATag, oneFilePerVendor, shippedImportsAreDependencies } from "../src/Packages.ts"
import { noMachinePath, noRegistryHost } from "../src/Places.ts"
import { agentsPageIsShort, noRuleIsSilenced, topLevelIsClosed } from "../src/Shape.ts"
import { readTree } from "../src/Tree.ts"
import { catalogIsExact, manifestsUseTheCatalog, onePnpm } from "../src/Versions.ts"

const tree = readTree(fileURLToPath(new URL("../../..", import.meta.url)))

it.each([
  ["core imports nothing of Node", coreImportsNoNode],
  ["core compiles without the types of Node", coreHasNoNodeTypes],
  ["a vendor is imported by one file of a package", oneFilePerVendor],
  ["what a package imports at run time is installed with it", shippedImportsAreDependencies],
  ["every package has a tag with a direction", everyPackageHasATag],
  ["every version in the catalog is exact", catalogIsExact],
  ["no manifest writes a version of its own", manifestsUseTheCatalog],
  ["every page and script calls the same pnpm", onePnpm],
  ["no file names a registry", noRegistryHost],
  ["no file names a path of somebody's machine", noMachinePath],
  ["the top level holds what it should", topLevelIsClosed],
  ["AGENTS.md fits in 60 lines", agentsPageIsShort],
  ["no rule is switched off in a file", noRuleIsSilenced]
])("%s", (_, rule) => {
  assert.strictEqual(rule(tree).join("\n"), "")
})
