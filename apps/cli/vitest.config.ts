import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

export default mergeConfig(shared, {
  test: { globalSetup: ["test/bundle.ts"] }
})
