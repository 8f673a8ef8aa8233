import { fileURLToPath } from "node:url"
import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

const postgres = fileURLToPath(new URL("../../tooling/testkit/src/Postgres.ts", import.meta.url))

export default mergeConfig(shared, { test: { globalSetup: ["test/bundle.ts", postgres] } })
