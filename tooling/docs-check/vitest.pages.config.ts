import shared from "@keysweep/vitest-config"
import { defineConfig } from "vitest/config"

/** What needs the built programs: the pages as they are now, and the checker on pages that it must refuse. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["pages/*.test.ts"],
    fileParallelism: false,
    outputFile: { json: "node_modules/.cache/vitest-pages-report.json" }
  }
})
