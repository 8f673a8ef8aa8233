import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { built, environment } from "./Workspace.ts"

export interface EmulatorProcess {
  readonly url: string
  readonly apiKey: string
  /** Status of every request since the last reset, in order of arrival. */
  readonly statuses: () => Promise<ReadonlyArray<number | null>>
  /** Back to the seed, with an empty window. */
  readonly reset: () => Promise<void>
}

export interface EmulatorSetting {
  /** Requests per minute. */
  readonly rpm: number
  readonly keys: number
  readonly timeScale: number
  /** 1 by default; each has so many keys, and the master key of {@link masterKeyOf}. */
  readonly accounts?: number
}

export const masterKeyOf = (account: number): string => (account === 0 ? apiKey : `${apiKey}-${account}`)

const apiKey = "ek-bench-0123456789abcdef"

/** Accounts with so many keys, served by a process of its own for as long as `use` takes. */
export const withEmulator = async <A>(
  folder: string,
  { accounts = 1, keys, rpm, timeScale }: EmulatorSetting,
  use: (emulator: EmulatorProcess) => Promise<A>
): Promise<A> => {
  const seed = join(folder, "seed.json")
  writeFileSync(seed, JSON.stringify({ accounts: Array.from({ length: accounts }, (_, at) => seedAccount(at, keys)) }))
  const child = spawn(
    process.execPath,
    [
      built("packages/emulator/dist/bin.mjs"),
      "--json",
      "--port=0",
      `--seed=${seed}`,
      `--rpm=${rpm}`,
      `--time-scale=${timeScale}`
    ],
    { env: environment(), stdio: ["ignore", "pipe", "inherit"] }
  )
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve)
      child.once("close", (status) => reject(new Error(`the emulator ended with ${status} before it served`)))
    })
    const started: { readonly url: string; readonly control: string } = JSON.parse(line)
    return await use({
      url: started.url,
      apiKey,
      statuses: async () => {
        const entries: ReadonlyArray<{ readonly status: number | null }> = await json(`${started.control}/requests`)
        return entries.map(({ status }) => status)
      },
      reset: async () => {
        await json(`${started.control}/reset`, "POST")
      }
    })
  } finally {
    child.kill()
  }
}

const seedAccount = (account: number, keys: number) => ({
  apiKey: masterKeyOf(account),
  label: `bench ${account}`,
  balance: 1000,
  keys: seedKeys(account, keys)
})

const seedKeys = (account: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `bench ${index + 1}`,
    key: `ek-proxy-${String(index).padStart(8, "0")}${String(account).padStart(24, "b")}`,
    allocated_ammount: 10
  }))

const json = async (url: string, method = "GET") => {
  const response = await fetch(url, { method })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return JSON.parse(await response.text())
}
