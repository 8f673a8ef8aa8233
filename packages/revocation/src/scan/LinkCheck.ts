import { lstatSync } from "node:fs"
import { Either } from "effect"
import { system } from "./FileSystem.ts"
import { type RawPath, systemPath } from "./RawPath.ts"

/**
 * Tells whether a file below `folder` is reached through folders only. Git goes on listing a tracked file after a folder
 * on its path has become a symbolic link, and that link may lead anywhere.
 */
export const makeLinkCheck = (folder: RawPath): ((name: RawPath) => boolean) => {
  const known = new Map<RawPath, boolean>([["", true]])
  const isStraight = (inside: RawPath): boolean => {
    const seen = known.get(inside)
    if (seen !== undefined) return seen
    const straight = isStraight(folderOf(inside)) && !isLink(`${folder}/${inside}`)
    known.set(inside, straight)
    return straight
  }
  return (name) => isStraight(folderOf(name))
}

const folderOf = (name: RawPath): RawPath => name.slice(0, Math.max(0, name.lastIndexOf("/")))

const isLink = (path: RawPath): boolean =>
  Either.getOrElse(
    system(() => lstatSync(systemPath(path)).isSymbolicLink()),
    () => false
  )
