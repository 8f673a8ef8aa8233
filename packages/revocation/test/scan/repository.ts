import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"

/** A folder of its own, removed afterwards. */
export const folder = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  Effect.flatMap(fs.makeTempDirectoryScoped({ prefix: "keysweep-scan-" }), fs.realPath)
)

export const put = (root: string, path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** Git without the settings of whoever runs the tests. */
export const git = (root: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=false", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" }
  }).trim()

export const commit = (root: string, message: string): string => {
  git(root, "add", "--all")
  git(root, "commit", "-q", "--allow-empty", "-m", message)
  return git(root, "rev-parse", "HEAD")
}

/** A repository with nothing in it. */
export const repository = Effect.tap(folder, (root) => Effect.sync(() => git(root, "init", "-q", "-b", "main")))
