import shared from "@keysweep/vitest-config"
import { defineConfig } from "vitest/config"

/** The pages as they are now, apart from the tests of the checker itself. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["pages/*.test.ts"],
    testTimeout: 60_000,
    outputFile: { json: "node_modules/.cache/vitest-pages-report.json" }
  }
})
