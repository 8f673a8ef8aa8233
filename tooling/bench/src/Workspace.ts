import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

/** On the disk of the checkout: a temporary folder is in memory on some machines, where a sync costs nothing. */
const cache = join(root, "tooling/bench/node_modules/.cache/work")

/** Gives a folder and removes it afterwards, with everything in it. */
export const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, "run-"))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A program of this checkout, as it is shipped. */
export const built = (path: string): string => {
  const file = join(root, path)
  if (!existsSync(file)) throw new Error(`${path} is not built: run "pnpm bundle" first`)
  return file
}

/** The caller's environment without what would lead a program to the caller's own account. */
export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:KEYSWEEP|ELECTRONHUB)/.test(name))),
  NO_COLOR: "1",
  ...more
})
