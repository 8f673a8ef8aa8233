import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const root = fileURLToPath(new URL("../..", import.meta.url))
const { CI, GITHUB_ACTIONS } = process.env

/**
 * Tests read the sources of every package, so that nothing has to be built before a test can run. In CI each suite
 * leaves a report behind, for `.ci/count.mjs` to add up.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@keysweep\/testkit\/(.+)$/, replacement: `${root}tooling/testkit/src/$1.ts` },
      { find: /^@keysweep\/([a-z]+)\/(.+)$/, replacement: `${root}packages/$1/src/$2.ts` }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // For what hangs, not for what is slow: a machine may be busy with other things.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    passWithNoTests: true,
    reporters: ["default", ...(CI ? ["json"] : []), ...(GITHUB_ACTIONS ? ["github-actions"] : [])],
    outputFile: { json: "node_modules/.cache/vitest-report.json" }
  }
})
