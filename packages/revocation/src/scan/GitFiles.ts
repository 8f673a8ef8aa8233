import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import type { FileList } from "./FileList.ts"
import { git, type GitFailed } from "./Git.ts"
import { type RawPath, systemPath } from "./RawPath.ts"

/**
 * Tracked files and untracked ones that are not ignored, below a folder of a work tree. What ends in `/` is a repository
 * of its own. A tracked file need not be there.
 */
export const gitFiles = (folder: string): Effect.Effect<FileList, GitFailed> =>
  Effect.gen(function* () {
    const warnings: Array<string> = []
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    const listed = yield* git(folder, args, { onWarning: (text) => warnings.push(text) })
    // A file in a merge conflict is listed once a side.
    const names = new Set(listed.toString("latin1").split("\0"))
    names.delete("")
    return { names: [...names], problems: warnings.map((text) => ({ path: "", reason: `git says: ${text}` })) }
  })

/** Whether a folder is in a repository. Told by its files: where git itself fails, that is no reason to go without it. */
export const inRepository = (folder: string): boolean =>
  existsSync(join(folder, ".git")) || (dirname(folder) !== folder && inRepository(dirname(folder)))

/** Whether a folder is the top of a work tree. */
export const isRepository = (folder: RawPath): boolean => existsSync(systemPath(`${folder}/.git`))
