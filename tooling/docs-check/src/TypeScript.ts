import { execFile } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { transformSync } from "rolldown/utils"

const own = fileURLToPath(new URL("..", import.meta.url))

/** Inside this package, so that a block's imports resolve as they do for somebody who has installed the packages. */
const folder = join(own, "node_modules/.cache/blocks")

const configuration = {
  extends: "../../../../../tsconfig.base.json",
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    noEmit: true,
    noUnusedLocals: false,
    types: ["node"],
    typeRoots: [join(own, "node_modules/@types")]
  },
  include: ["*.ts"]
}

/** Type-checks the blocks together; the compiler's words for each block that it does not accept, by name. */
export const typeErrors = (blocks: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration))
  for (const [name, text] of blocks) writeFileSync(join(folder, `${name}.ts`), text)
  return new Promise((resolve) => {
    execFile(
      join(own, "node_modules/.bin/tsc"),
      ["-p", folder, "--pretty", "false"],
      { cwd: folder },
      (error, stdout) => {
        const found = new Map<string, string>()
        for (const line of error === null ? [] : stdout.split("\n")) {
          const name = /^([\w-]+)\.ts\(/.exec(line)?.[1]
          if (name !== undefined) found.set(name, `${found.get(name) ?? ""}${line}\n`)
        }
        if (error !== null && found.size === 0) found.set("", stdout || error.message)
        resolve(found)
      }
    )
  })
}

/** The block as a program that Node runs, beside the others. */
export const emit = (name: string, text: string): string => {
  const path = join(folder, `${name}.mjs`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, transformSync(`${name}.ts`, text).code)
  return path
}
