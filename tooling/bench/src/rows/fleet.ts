import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import { withEmulator } from "../EmulatorProcess.ts"
import { millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { environment, inFolder, root } from "../Workspace.ts"
import { clockNote } from "./timeToAct.ts"

const keys = 20
const rpm = 5
const memory = 300 * 1024 * 1024

export const fleet: Row = {
  name: "fleet",
  title: "Many accounts in one process, against one of them alone",
  bar: { kind: "at most", ratio: 1.05 },
  how: `Every key of every account disabled, ${keys} keys an account at ${rpm} requests per minute, from the request to the proof; against the same program with one account, at the same time on an emulator of its own. The accounts share a home and nothing else. More than 300 MB of memory at the peak, an answer of 429, or an account that is not done fails the row.`,
  run: ({ full, timeScale }) =>
    inFolder(async (folder) => {
      const accounts = full ? 1000 : 100
      const program = await bundled(folder)
      const [many, one] = await Promise.all([
        raced(program, join(folder, "many"), accounts, timeScale),
        raced(program, join(folder, "one"), 1, timeScale)
      ])
      const wrong = [
        ...(many.undone === 0 ? [] : [`${many.undone} accounts not done: ${many.why}`]),
        ...(many.refused === 0 ? [] : [`${many.refused} answers of 429`]),
        ...(many.peak <= memory ? [] : ["more than 300 MB"])
      ]
      return {
        note: `${clockNote(timeScale)} ${Math.round(many.peak / 1024 / 1024)} MB at the peak.`,
        cases: [
          {
            what: `${accounts} accounts, ${keys} keys each`,
            ours: millis(many.took),
            against: millis(one.took),
            ratio: many.took / one.took,
            wrong: wrong.length === 0 ? undefined : wrong.join("; "),
            scaled: timeScale !== 1
          }
        ]
      }
    })
}

interface Ran {
  readonly took: number
  readonly undone: number
  readonly why: string
  /** Bytes. */
  readonly peak: number
}

/** As programs are shipped: sources that are loaded one by one take memory of their own. */
const bundled = async (folder: string): Promise<string> => {
  const dir = join(folder, "program")
  await build({
    input: join(root, "tooling/bench/src/FleetProcess.ts"),
    platform: "node",
    external: ["@parcel/watcher", "msgpackr-extract"],
    output: { dir, format: "esm", minify: true, entryFileNames: "fleet.mjs" }
  })
  return join(dir, "fleet.mjs")
}

const raced = (program: string, folder: string, accounts: number, timeScale: number) => {
  mkdirSync(folder)
  return withEmulator(folder, { accounts, keys, rpm, timeScale }, async (emulator) => {
    const ran = await inProcess([program, emulator.url, join(folder, "home"), String(accounts), String(timeScale)])
    const statuses = await emulator.statuses()
    return { ...ran, refused: statuses.filter((status) => status === 429).length }
  })
}

const inProcess = (args: ReadonlyArray<string>): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: environment(), stdio: ["ignore", "pipe", "inherit"] })
    let printed = ""
    child.stdout.on("data", (chunk) => (printed += String(chunk)))
    child.once("error", reject)
    child.once("close", (status) =>
      status === 0 ? resolve(JSON.parse(printed)) : reject(new Error(`the process ended with ${status}`))
    )
  })
