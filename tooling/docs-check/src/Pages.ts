import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Pages of the repository by their path from the root, new ones too; those of a change log speak of the past. */
export const pages = (pattern: RegExp): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8"
  })
    .split("\0")
    .filter((path) => pattern.test(path) && !path.endsWith("CHANGELOG.md") && existsSync(join(root, path)))
