import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

/**
 * The tests bring their own child programs and their own PostgreSQL. Each has a fresh place and fresh layers, so its files
 * need no process of their own: that would be a second for each, for loading the same modules.
 */
export default mergeConfig(shared, {
  test: { globalSetup: ["test/support/build.ts", "../../tooling/testkit/src/Postgres.ts"], isolate: false }
})
