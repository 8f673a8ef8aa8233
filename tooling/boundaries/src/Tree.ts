import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Every text file of the repository, by its path from the root with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** What a rule found, in words that name the file. Nothing found is an empty list. */
export type Rule = (tree: Tree) => ReadonlyArray<string>

/** Tracked files and new ones alike, so that a rule speaks before the commit; what git ignores is not ours. */
export const readTree = (root: string): Tree => {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8"
  })
  const files = listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)))
  return new Map(
    files
      .map((path) => [path, readFileSync(join(root, path), "utf8")] as const)
      .filter(([, text]) => !text.includes("\0"))
  )
}

/** Files under a folder pattern, `packages/core/src/` or a regular expression on the path. */
export const under = (tree: Tree, pattern: RegExp): ReadonlyArray<readonly [path: string, text: string]> =>
  [...tree].filter(([path]) => pattern.test(path))

/** Sources that are shipped: of packages and of apps, not their tests, not tooling. */
export const sources = /^(?:packages|apps)\/[^/]+\/src\/.*\.ts$/

/** `packages/core/src/Wire.ts` is of `packages/core`. */
export const packageOf = (path: string): string => path.split("/").slice(0, 2).join("/")
