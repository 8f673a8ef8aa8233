import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

export default mergeConfig(shared, {
  test: {
    globalSetup: ["test/bundle.ts"],
    // Each test runs several processes, and a machine may be busy with others.
    testTimeout: 120_000
  }
})
