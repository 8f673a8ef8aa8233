import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import type { TestProject } from "vitest/node"
import config from "../rolldown.config.ts"

declare module "vitest" {
  export interface ProvidedContext {
    main: string
  }
}

/** Bundles the bot once for all tests, just as it is published, beside the published one. */
export default async function (project: TestProject): Promise<void> {
  const dir = fileURLToPath(new URL("../node_modules/.cache/bundle", import.meta.url))
  const { output, ...input } = config
  const build = await rolldown(input)
  await build.write({ ...output, dir })
  await build.close()
  project.provide("main", `${dir}/main.mjs`)
}
