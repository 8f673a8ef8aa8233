import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

/** Child processes of the tests run what is built, so it is built first. */
export default mergeConfig(shared, { test: { globalSetup: ["test/support/build.ts"] } })
