import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

/** The tests bring their own child programs and their own PostgreSQL. */
export default mergeConfig(shared, { test: { globalSetup: ["test/support/build.ts", "test/support/postgres.ts"] } })
