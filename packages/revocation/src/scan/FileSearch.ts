import { realpathSync, statSync } from "node:fs"
import { relative, resolve } from "node:path"
import { Effect, Either } from "effect"
import { breathe } from "./Breath.ts"
import { everythingBelow, type FileList } from "./FileList.ts"
import type { FileScan } from "./FileScan.ts"
import { reasonOf, system } from "./FileSystem.ts"
import type { GitFailed } from "./Git.ts"
import { gitFiles, inRepository, isRepository } from "./GitFiles.ts"
import { makeLinkCheck } from "./LinkCheck.ts"
import { pathBytes, type RawPath, rawPath } from "./RawPath.ts"
import type { ScanTally } from "./ScanTally.ts"

/** A search of files under way. */
export interface FileSearch {
  readonly everything: boolean
  readonly scanner: FileScan
  readonly tally: ScanTally
  readonly onFiles: (done: number, total: number) => Effect.Effect<void>
  /** Files that were searched, by their whole path, where two targets may share some. */
  readonly seen: Set<RawPath> | null
  files: number
  bytes: number
}

/** Searches a file, or a folder with what is in it. Somebody named it: a link is followed, and absence is a problem. */
export const searchTarget = (search: FileSearch, folder: string, path: string): Effect.Effect<void, GitFailed> => {
  const target = resolve(folder, path)
  const shown = rawPath(relative(folder, target))
  const refuse = (reason: string) => Effect.sync(() => search.tally.problem({ path: shown, reason }))
  const found = system(() => ({ stat: statSync(target), real: rawPath(realpathSync(target)) }))
  if (Either.isLeft(found)) return refuse(reasonOf(found.left))
  const { real, stat } = found.right
  if (stat.isDirectory()) return searchFolder(search, real, shown === "" ? "" : `${shown}/`)
  return stat.isFile() ? Effect.sync(() => searchFile(search, real, shown)) : refuse("it is not a regular file")
}

const searchFolder = (search: FileSearch, folder: RawPath, prefix: RawPath): Effect.Effect<void, GitFailed> =>
  Effect.gen(function* () {
    const { names, problems } = yield* filesOf(search, folder)
    for (const { path, reason } of problems) search.tally.problem({ path: prefix + path, reason })
    const isStraight = makeLinkCheck(folder)
    const inner: Array<RawPath> = []
    for (let done = 0; done < names.length; done += batch) {
      for (const name of names.slice(done, done + batch)) {
        if (!isStraight(name)) continue
        if (name.endsWith("/")) inner.push(name)
        else if (searchFile(search, `${folder}/${name}`, prefix + name) === "EISDIR") inner.push(`${name}/`)
      }
      yield* breathe
      yield* search.onFiles(Math.min(done + batch, names.length), names.length)
    }
    // Submodules, and repositories that lie in the work tree: git lists what is in them only from inside.
    for (const name of inner) {
      const repository = `${folder}/${name.slice(0, -1)}`
      if (!isRepository(repository)) continue
      yield* Effect.catchAll(searchFolder(search, repository, prefix + name), ({ detail }) =>
        Effect.sync(() => search.tally.problem({ path: prefix + name, reason: `git says: ${detail}` }))
      )
    }
  })

/** So many files between two breaths take a few milliseconds. */
const batch = 256

/** A folder in which git would search nothing, as one that is ignored, is searched whole: nothing must not look like clean. */
const filesOf = (search: FileSearch, folder: RawPath): Effect.Effect<FileList, GitFailed> => {
  const text = pathBytes(folder).toString()
  // Git is started in a folder that has a name in UTF-8, or not at all.
  if (search.everything || rawPath(text) !== folder || !inRepository(text)) return everythingBelow(folder)
  return Effect.filterOrElse(
    gitFiles(text),
    ({ names }) => names.length > 0,
    () => everythingBelow(folder)
  )
}

/** Gives the code with which the system refuses a file. One that is not there (any more) holds nothing. */
const searchFile = (search: FileSearch, path: RawPath, shown: RawPath): string | null => {
  if (search.seen?.has(path) === true) return null
  const result = search.scanner.file(path)
  if (result._tag === "Refused") {
    if (!passedOver.includes(result.code)) search.tally.problem({ path: shown, reason: reasonOf(result.code) })
    return result.code
  }
  search.seen?.add(path)
  search.files++
  search.bytes += result.bytes
  search.tally.name(shown)
  search.tally.file(shown, result, null)
  return null
}

const passedOver = ["EISDIR", "ELOOP", "ENOENT", "ENOTDIR"]
