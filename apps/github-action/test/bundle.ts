import { fileURLToPath } from "node:url"
import { type InputOptions, rolldown } from "rolldown"
import type { TestProject } from "vitest/node"
import config from "../rolldown.config.ts"

declare module "vitest" {
  export interface ProvidedContext {
    action: string
    emulator: string
  }
}

const { output, ...input } = config
const cache = fileURLToPath(new URL("../node_modules/.cache", import.meta.url))
const emulator = fileURLToPath(new URL("../../../packages/emulator/src/bin.ts", import.meta.url))

/** The step as it is committed, from today's sources, and the emulator as a program of its own. */
export default async function (project: TestProject): Promise<void> {
  project.provide("action", `${await bundle(input, `${cache}/bundle`)}/index.mjs`)
  project.provide(
    "emulator",
    `${await bundle({ ...input, input: { index: emulator } }, `${cache}/emulator`)}/index.mjs`
  )
}

export const bundle = async (from: InputOptions, dir: string): Promise<string> => {
  await written(from, dir)
  return dir
}

/** Files of the sources that have come into the bundle. */
export const written = async (from: InputOptions, dir: string): Promise<ReadonlyArray<string>> => {
  const build = await rolldown(from)
  const { output: files } = await build.write({ ...output, dir })
  await build.close()
  return files.flatMap((file) =>
    file.type === "chunk" ? Object.entries(file.modules).flatMap(([id, it]) => (it.renderedLength > 0 ? [id] : [])) : []
  )
}
