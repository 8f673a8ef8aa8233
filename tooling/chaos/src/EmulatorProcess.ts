import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { FaultInput } from "@keysweep/emulator/Faults"
import type { SwitchOptions } from "@keysweep/emulator/Switches"
import { environment, stop } from "./Processes.ts"

/** A key as the emulator keeps it: the wire's fields. */
export interface WireKey {
  readonly name: string
  readonly key: string
  readonly is_active: boolean
  readonly [other: string]: unknown
}

export interface State {
  /** The master key that works now. */
  readonly apiKey: string
  readonly balance: number
  /** What applications were charged, one entry a call. */
  readonly logs: ReadonlyArray<{ readonly credits: number }>
  readonly keys: ReadonlyArray<WireKey>
}

/** One request as it arrived; `status` is `null` where nothing was answered. */
export interface Arrived {
  readonly at: string
  readonly method: string
  readonly path: string
  readonly status: number | null
}

export interface EmulatorProcess {
  readonly url: string
  readonly apiKey: string
  readonly state: () => Promise<State>
  readonly requests: () => Promise<ReadonlyArray<Arrived>>
  /** Back to the seed; requests and faults forgotten. */
  readonly reset: () => Promise<void>
  readonly faults: (faults: ReadonlyArray<FaultInput>) => Promise<void>
  /** Stay through a reset. */
  readonly switches: (changes: SwitchOptions) => Promise<void>
  /** What somebody else with the same master key does: named as such in the list of requests. */
  readonly somebody: (method: string, path: string, body?: object) => Promise<void>
  readonly stop: () => Promise<void>
}

const apiKey = "ek-chaos-0123456789abcdef"

/** An account as every run begins with it: three keys that work, three that are disabled, one that nobody plans. */
const seedKeys = ["api", "worker", "batch", "old api", "old worker", "old batch", "kept"].map((name, index) => ({
  name,
  key: `ek-proxy-${"abcdefgh".charAt(index).repeat(8)}${String(index).padStart(24, "0")}`,
  is_active: !name.startsWith("old"),
  allocated_ammount: 10 + index,
  used_ammount: index,
  created_at: 1_780_000_000 + index
}))

/** The account, served by a process of its own. */
export const startEmulator = async (program: string, folder: string): Promise<EmulatorProcess> => {
  const seed = join(folder, "seed.json")
  const account = { apiKey, label: "chaos", plan: "enterprise", balance: 100, userId: "user_chaos", keys: seedKeys }
  writeFileSync(seed, JSON.stringify({ accounts: [account] }))
  const child = spawn(process.execPath, [program, "--json", "--port=0", `--seed=${seed}`, "--rpm=100000"], {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"]
  })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve)
    child.once("close", (status) => reject(new Error(`the emulator ended with ${status} before it served`)))
  })
  const started: { readonly url: string; readonly control: string } = JSON.parse(line)
  const control = (method: string, name: string, body?: unknown) =>
    json(`${started.control}/${name}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return {
    url: started.url,
    apiKey,
    state: async () => {
      const { accounts }: { readonly accounts: ReadonlyArray<State> } = await control("GET", "state")
      const [account] = accounts
      if (account === undefined) throw new Error("the emulator has lost its account")
      return account
    },
    requests: () => control("GET", "requests"),
    reset: () => control("POST", "reset"),
    faults: (faults) => control("POST", "faults", faults),
    switches: (changes) => control("POST", "switches", changes),
    somebody: async (method, path, body) => {
      const sent = fetch(`${started.url}${path}?by=somebody`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        signal: AbortSignal.timeout(2000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      // The faults of the upstream are for everybody; what became of it is in the state.
      await Promise.allSettled([sent])
    },
    stop: () => stop(child)
  }
}

const json = async (url: string, init: RequestInit) => {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return JSON.parse(await response.text())
}
