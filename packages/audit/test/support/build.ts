import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "rolldown"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the bundled child programs. */
    readonly children: string
  }
}

/** One file for each child program, from the sources: so it starts in a moment, and nothing has to be built before. */
export const setup = async (project: TestProject): Promise<() => void> => {
  const here = join(import.meta.dirname, "..")
  const out = mkdtempSync(join(tmpdir(), "keysweep-children-"))
  await build({
    input: readdirSync(join(here, "child")).map((name) => join(here, "child", name)),
    platform: "node",
    external: ["pg-native"],
    resolve: {
      alias: { "@keysweep/audit": join(here, "../src"), "@keysweep/core": join(here, "../../core/src") },
      extensions: [".ts", ".mjs", ".js", ".json"]
    },
    output: { dir: out, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
    logLevel: "warn"
  })
  project.provide("children", out)
  return () => rmSync(out, { recursive: true, force: true })
}
