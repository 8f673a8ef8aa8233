import { type RunningEmulator, startEmulator } from "@keysweep/emulator/StartEmulator"
import type { EmulatorOptions } from "@keysweep/emulator/Emulator"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { Keysweep, KeysweepError, type KeysweepOptions } from "../src/Keysweep.ts"

export interface World extends Omit<RunningEmulator, "control"> {
  readonly folder: string
  readonly home: string
  readonly open: (options?: Partial<KeysweepOptions>) => Promise<Keysweep>
  readonly keys: () => Promise<ReadonlyArray<WireKey>>
  /** Requests that are not reads. */
  readonly writes: () => Promise<ReadonlyArray<string>>
  readonly control: (name: string, body: unknown) => Promise<void>
  /** Every file below the folder, as text. */
  readonly files: () => ReadonlyArray<string>
}

export interface WireKey {
  readonly key: string
  readonly name: string
  readonly is_active: boolean
}

const scale = 60

/** An emulated account on loopback and a folder, for one test. */
export const makeWorld = async (options: EmulatorOptions = {}): Promise<World> => {
  const emulator = await startEmulator({ timeScale: scale, ...options })
  const folder = mkdtempSync(join(tmpdir(), "keysweep-sdk-"))
  const home = join(folder, "home")
  onTestFinished(async () => {
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const get = async (name: string) => JSON.parse(await (await fetch(`${emulator.control}/${name}`)).text())
  return {
    ...emulator,
    folder,
    home,
    open: async (more) => {
      const keysweep = await Keysweep.open({
        apiKey: emulator.apiKey,
        baseUrl: emulator.url,
        home,
        timeScale: options.timeScale ?? scale,
        ...more
      })
      onTestFinished(() => keysweep.close())
      return keysweep
    },
    keys: async () => (await get("state")).accounts[0].keys,
    writes: async () => {
      const requests: ReadonlyArray<{ readonly method: string; readonly path: string }> = await get("requests")
      return requests
        .filter(({ method, path }) => method !== "GET" && !path.endsWith("/lookup"))
        .map(({ method, path }) => `${method} ${path}`)
    },
    control: async (name, body) => {
      const reply = await fetch(`${emulator.control}/${name}`, { method: "POST", body: JSON.stringify(body) })
      if (!reply.ok) throw new Error(`control ${name}: ${reply.status}`)
    },
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
  }
}

/** The error that a promise rejects with; a promise that resolves is the test's failure. */
export const failureOf = async (promise: Promise<unknown>): Promise<KeysweepError> => {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause
  )
  if (error instanceof KeysweepError) return error
  throw error
}
