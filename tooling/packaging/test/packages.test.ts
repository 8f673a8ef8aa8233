import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { node22 } from "@keysweep/node22"
import { node24 } from "@keysweep/node24"
import { publint } from "publint"
import { afterAll, assert, it } from "vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "keysweep-packages-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// What people are given, from what was built.
execFileSync(
  "npx",
  [
    "-y",
    "pnpm@10.34.8",
    "-r",
    "--filter",
    "./packages/*",
    "--filter",
    "keysweep",
    "pack",
    "--pack-destination",
    folder
  ],
  { cwd: root, stdio: "pipe" }
)
const tarballs = readdirSync(folder).sort()
const inside = (tarball: string, path: string) =>
  execFileSync("tar", ["xzOf", join(folder, tarball), `package/${path}`], { encoding: "utf8" })

it("there is one for the program and one for each library", () => {
  assert.deepStrictEqual(
    tarballs.map((name) => name.replace(/-\d.*$/, "")),
    ["keysweep", "keysweep-audit", "keysweep-core", "keysweep-emulator", "keysweep-revocation", "keysweep-sdk"]
  )
})

it.each(tarballs)(
  "%s is whole: nothing of the workspace in it, entries and types as they are declared",
  async (name) => {
    assert.notMatch(inside(name, "package.json"), /workspace:|catalog:/)
    const data = new Uint8Array(readFileSync(join(folder, name)))
    const { messages } = await publint({ pack: { tarball: data.buffer } })
    assert.deepStrictEqual(messages, [])
    const checked = await checkPackage(createPackageFromTarballData(data))
    // ES modules only: what older ways of resolving make of them is no fault.
    const problems = (checked.types === false ? [] : checked.problems).filter(
      ({ kind }) => kind !== "NoResolution" && kind !== "CJSResolvesToESM"
    )
    assert.deepStrictEqual(problems, [])
  }
)

const run = promisify(execFile)

it.concurrent.each([
  [`Node ${process.versions.node}`, process.execPath],
  [node22 === undefined ? "Node 22: NOT RUN, npm has it for Linux x64 only" : "Node 22", node22],
  [node24 === undefined ? "Node 24: NOT RUN, npm has it for Linux x64 only" : "Node 24", node24]
])(
  "%s installs the program without a network into an empty folder, and runs it with nothing around it",
  async (name, node) => {
    if (node === undefined) return
    const home = join(folder, name)
    const env = { HOME: home, PATH: `${dirname(node)}${delimiter}${process.env["PATH"]}` }
    const tarball = tarballs.find((name) => /^keysweep-\d/.test(name)) ?? ""
    await run("npm", ["install", "--global", "--offline", "--prefix", home, join(folder, tarball)], { env })
    const { stdout } = await run(join(home, "bin/keysweep"), ["demo"], { cwd: home, env })
    assert.include(stdout, "your own account")
    assert.notInclude(stdout, "✗")
  }
)

it("the program's package names the licence of everything that is bundled into it", () => {
  const notices = inside(tarballs.find((name) => /^keysweep-\d/.test(name)) ?? "", "dist/THIRD-PARTY-NOTICES.txt")
  for (const part of ["effect", "@effect/platform", "age-encryption", "libsodium", "yaml", "canonicalize"])
    assert.match(notices, new RegExp(`^${part} \\d[\\w.-]* \\(.+\\)$`, "m"))
  assert.notInclude(notices, "@keysweep/")
})
