import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** Only what changed is built again: a moment when nothing did. */
export const setup = (): void => {
  const here = dirname(new URL(import.meta.url).pathname)
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc")
  spawnSync(process.execPath, [tsc, "-b", "tsconfig.src.json"], { cwd: join(here, "..", ".."), stdio: "inherit" })
}
