import { readdirSync } from "node:fs"
import { Effect, Either } from "effect"
import { breathe } from "./Breath.ts"
import { type RawPath, systemPath } from "./RawPath.ts"
import { reasonOf, system } from "./FileSystem.ts"

/** What is to be searched below a folder, relative to it, and what could not be listed. */
export interface FileList {
  readonly names: ReadonlyArray<RawPath>
  readonly problems: ReadonlyArray<Problem>
}

export interface Problem {
  readonly path: RawPath
  readonly reason: string
}

/**
 * Every regular file below a folder, but for `.git` and `node_modules`. Symbolic links are not followed: what is in the
 * folder is found where it is.
 */
export const everythingBelow = (folder: RawPath): Effect.Effect<FileList> =>
  Effect.gen(function* () {
    const names: Array<RawPath> = []
    const problems: Array<Problem> = []
    const folders: Array<RawPath> = [""]
    for (let inside = folders.pop(); inside !== undefined; inside = folders.pop()) {
      const at = inside
      const entries = system(() =>
        readdirSync(systemPath(`${folder}/${at}`), { withFileTypes: true, encoding: "buffer" })
      )
      if (Either.isLeft(entries)) {
        problems.push({ path: at.slice(0, -1), reason: reasonOf(entries.left) })
        continue
      }
      for (const entry of entries.right) {
        const name = entry.name.toString("latin1")
        if (name === ".git" || name === "node_modules") continue
        if (entry.isDirectory()) folders.push(`${at}${name}/`)
        else if (entry.isFile()) names.push(at + name)
      }
      if (names.length % 64 === 0) yield* breathe
    }
    return { names, problems }
  })
