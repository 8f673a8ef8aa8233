import { fileURLToPath } from "node:url"
import shared from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

const testkit = fileURLToPath(new URL("../../tooling/testkit/src/", import.meta.url))

export default mergeConfig(shared, {
  resolve: { alias: [{ find: /^@keysweep\/testkit\/(.+)$/, replacement: `${testkit}$1.ts` }] },
  // Each file would load Bolt and the platform again, which takes longer than its tests; these mostly wait.
  test: {
    globalSetup: ["test/bundle.ts", `${testkit}Postgres.ts`],
    isolate: false,
    poolOptions: { forks: { maxForks: 2, minForks: 1 } }
  }
})
