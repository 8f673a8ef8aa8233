/**
 * The scan against `git grep -P` on the same tree, in turns, in one run. Needs the built package.
 *
 *     node packages/revocation/bench/scan.mjs
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { performance } from "node:perf_hooks"
import { pathToFileURL } from "node:url"
import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Effect, Either } from "effect"
import { scan } from "../dist/scan/Scan.js"

const pattern = "ek-proxy-[A-Za-z0-9_-]{8,}"
const planted = 25

/** Medians of milliseconds, and how many times as long the scan takes; the bar is 2. */
export const benchScan = async ({ files = 20_000, megabytes = 130, rounds = 9 } = {}) => {
  const root = mkdtempSync(join(tmpdir(), "keysweep-bench-"))
  try {
    const keys = plantTree(root, files, megabytes * 1_000_000)
    const known = new Map(keys.map((key) => [keyIdOf(key), key]))
    const times = { scan: [], grep: [] }
    // The first round warms the caches of both.
    for (let round = 0; round <= rounds; round++) {
      const begun = performance.now()
      const report = await Effect.runPromise(scan({ folder: root, known }))
      const between = performance.now()
      const grep = spawnSync("git", ["grep", "-nP", pattern], { cwd: root, encoding: "utf8" })
      const ended = performance.now()
      const found = [report.findings.length, grep.stdout.trim().split("\n").length]
      if (!report.complete || found.some((count) => count !== planted)) throw new Error(`found ${found} of ${planted}`)
      if (round === 0) continue
      times.scan.push(between - begun)
      times.grep.push(ended - between)
    }
    const [scanned, grepped] = [median(times.scan), median(times.grep)]
    return { files, megabytes, rounds, scan: scanned, gitGrep: grepped, ratio: scanned / grepped }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Pieces of real source code, the same on every run, in a repository; gives the keys that are in it. */
const plantTree = (root, files, bytes) => {
  let state = 1
  const random = (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const sources = join(dirname(createRequire(import.meta.url).resolve("effect/package.json")), "src")
  const names = readdirSync(sources).filter((name) => name.endsWith(".ts"))
  const pool = names.map((name) => readFileSync(join(sources, name), "latin1")).join("\n")
  const keys = []
  for (let file = 0; file < files; file++) {
    const folder = join(root, `d${Math.floor(file / 100)}`)
    if (file % 100 === 0) mkdirSync(folder)
    const size = Math.floor((bytes / files) * 0.1) + random(Math.floor((bytes / files) * 1.8))
    const from = random(pool.length - size)
    let text = pool.slice(from, from + size)
    if (file % (files / planted) === 7) {
      const key = `ek-proxy-${(0x1234567 + file).toString(16).padStart(16, "0")}`
      keys.push(Either.getOrThrow(proxyKeySecret(key)))
      text += `\nKEY=${key}\n`
    }
    writeFileSync(join(folder, `f${file}.ts`), text, "latin1")
  }
  spawnSync("git", ["init", "-q"], { cwd: root })
  spawnSync("git", ["add", "--all"], { cwd: root })
  return keys
}

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(`${JSON.stringify(await benchScan(), null, 2)}\n`)
}
