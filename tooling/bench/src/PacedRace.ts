import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { cooldownLoop } from "./CooldownLoop.ts"
import { withEmulator } from "./EmulatorProcess.ts"
import { timed } from "./Pairs.ts"
import type { Options } from "./Row.ts"
import { deleteEachKey, learnAccount } from "./SweepRun.ts"
import { inFolder } from "./Workspace.ts"

/** One account, swept once by Keysweep and once by the loop, each on an emulator of its own, at the same time. */
export interface Race {
  readonly rpm: number
  readonly keys: number
  /** Milliseconds, of the scaled clock. */
  readonly sweep: number
  readonly loop: number
  /** Requests of the sweep, and how many of them were answered with 429. */
  readonly requests: number
  readonly refused: number
}

/** Requests per minute and keys, as the design names them. */
const accounts = [
  { rpm: 5, keys: 10 },
  { rpm: 30, keys: 50 },
  { rpm: 100, keys: 100 },
  { rpm: 1000, keys: 1000 }
] as const

const known = new Map<number, Promise<ReadonlyArray<Race>>>()

/** Run once for all rows that ask with the same scale: unscaled it takes a quarter of an hour. */
export const races = ({ timeScale }: Options): Promise<ReadonlyArray<Race>> => {
  const running = known.get(timeScale) ?? runAll(timeScale)
  known.set(timeScale, running)
  return running
}

/** What mostly waits runs together; the account with a thousand keys keeps the machine busy and runs alone. */
const runAll = async (timeScale: number): Promise<ReadonlyArray<Race>> => {
  const small = await Promise.all(accounts.filter(({ keys }) => keys < 1000).map((it) => race(it, timeScale)))
  const large: Array<Race> = []
  for (const account of accounts.filter(({ keys }) => keys >= 1000)) large.push(await race(account, timeScale))
  return [...small, ...large]
}

const race = (account: { readonly rpm: number; readonly keys: number }, timeScale: number): Promise<Race> =>
  inFolder(async (folder) => {
    const setting = { ...account, timeScale }
    const sweep = withEmulator(child(folder, "sweep"), setting, async (emulator) => {
      const target = { emulator, home: join(folder, "home"), timeScale }
      await learnAccount(target)
      const took = await deleteEachKey(target)
      const statuses = await emulator.statuses()
      return { sweep: took, requests: statuses.length, refused: statuses.filter((status) => status === 429).length }
    })
    const loop = withEmulator(child(folder, "loop"), setting, (emulator) =>
      timed(() => cooldownLoop(emulator, timeScale))
    )
    // Both have stopped their emulators before either's failure ends the bench.
    await Promise.allSettled([sweep, loop])
    return { ...account, ...(await sweep), loop: await loop }
  })

const child = (folder: string, name: string): string => {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}
