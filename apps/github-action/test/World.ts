import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { generateKeyPairSync } from "node:crypto"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, inject, onTestFinished } from "vitest"

/** One emulator in a process of its own, one runner's folders, and the step as GitHub runs it. */
export interface World {
  readonly url: string
  readonly apiKey: string
  readonly folder: string
  readonly identity: string
  /** An Ed25519 key as PEM. */
  readonly signingKey: string
  /** Inputs that every step needs. */
  readonly base: Inputs
  readonly run: (inputs: Inputs, options?: RunOptions) => Promise<Ran>
  readonly accounts: () => Promise<ReadonlyArray<WireAccount>>
  readonly requests: () => Promise<ReadonlyArray<{ readonly method: string; readonly path: string }>>
  /** Requests that are not reads. */
  readonly writes: () => Promise<number>
  readonly control: (name: string, body: unknown) => Promise<void>
  readonly create: (name: string) => Promise<void>
  /** What somebody else does to a key. */
  readonly toggle: (name: string) => Promise<void>
  /** Every file below the folder, as text. */
  readonly files: () => ReadonlyArray<{ readonly path: string; readonly text: string }>
}

export interface Inputs {
  readonly [name: string]: string
}

export interface RunOptions {
  readonly node?: string | undefined
  readonly env?: { readonly [name: string]: string | undefined }
  /** The event's payload; a private repository by default. */
  readonly event?: unknown
  /** Is told what the step prints, and how to signal it. */
  readonly watch?: (printed: string, kill: (signal: NodeJS.Signals) => void) => void
}

export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  readonly outputs: { readonly [name: string]: string }
  readonly summary: string
  /** Texts of the error annotations. */
  readonly errors: ReadonlyArray<string>
}

export interface WireAccount {
  readonly apiKey: string
  readonly keys: ReadonlyArray<{ readonly key: string; readonly name: string; readonly is_active: boolean }>
}

const scale = "60"

/** For one test. */
export const makeWorld = async (args: ReadonlyArray<string> = []): Promise<World> => {
  const { close, world } = await openWorld(args)
  onTestFinished(close)
  return world
}

/** For tests that change nothing in it. */
export const sharedWorld = (): (() => World) => {
  let opened: Awaited<ReturnType<typeof openWorld>> | undefined
  beforeAll(async () => {
    opened = await openWorld([])
  })
  afterAll(() => opened?.close())
  return () => {
    if (opened === undefined) throw new Error("the world is not open yet")
    return opened.world
  }
}

const openWorld = async (args: ReadonlyArray<string>) => {
  const folder = mkdtempSync(join(tmpdir(), "keysweep-action-"))
  // Alone, as in a checkout of the repository in which nothing was installed.
  const action = join(folder, "action/dist/index.mjs")
  cpSync(dirname(inject("action")), dirname(action), { recursive: true })
  for (const name of ["temp", "workspace"]) mkdirSync(join(folder, name))
  const emulator = spawn(process.execPath, [inject("emulator"), "--json", "--time-scale", scale, ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const close = async () => {
    emulator.kill("SIGTERM")
    await new Promise((resolve) => emulator.once("exit", resolve))
    rmSync(folder, { recursive: true, force: true })
  }
  const line = await new Promise<string>((resolve, reject) => {
    emulator.stdout.once("data", (data) => resolve(String(data)))
    emulator.once("exit", () => reject(new Error("the emulator ended")))
  })
  const { apiKey, control, url } = JSON.parse(line)
  const identity = await generateX25519Identity()
  const get = async (name: string) => JSON.parse(await (await fetch(`${control}/${name}`)).text())
  const post = async (address: string, body: unknown) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` }
    const reply = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })
    if (!reply.ok) throw new Error(`${address}: ${reply.status}`)
  }
  let runs = 0

  const run: World["run"] = (
    inputs,
    { env = {}, event = { repository: { private: true } }, node = process.execPath, watch } = {}
  ) => {
    const files = join(folder, `run-${++runs}`)
    mkdirSync(files)
    for (const name of ["output", "summary", "state", "env", "path"]) writeFileSync(join(files, name), "")
    writeFileSync(join(files, "event.json"), JSON.stringify(event))
    const given = Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.toUpperCase().replaceAll(" ", "_")}`,
      value
    ])
    const child = spawn(node, [action], {
      cwd: join(folder, "workspace"),
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        GITHUB_ACTIONS: "true",
        GITHUB_ACTOR: "octocat",
        GITHUB_EVENT_NAME: "workflow_dispatch",
        GITHUB_EVENT_PATH: join(files, "event.json"),
        GITHUB_OUTPUT: join(files, "output"),
        GITHUB_STEP_SUMMARY: join(files, "summary"),
        GITHUB_STATE: join(files, "state"),
        GITHUB_ENV: join(files, "env"),
        GITHUB_PATH: join(files, "path"),
        GITHUB_WORKSPACE: join(folder, "workspace"),
        RUNNER_TEMP: join(folder, "temp"),
        KEYSWEEP_TIME_SCALE: scale,
        ...Object.fromEntries(given),
        ...env
      }
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (data) => {
      stdout += data
      watch?.(stdout, (signal) => child.kill(signal))
    })
    child.stderr.on("data", (data) => (stderr += data))
    return new Promise((resolve) =>
      child.on("close", (code) =>
        resolve({
          exit: code ?? -1,
          stdout,
          stderr,
          outputs: parseOutputs(readFileSync(join(files, "output"), "utf8")),
          summary: readFileSync(join(files, "summary"), "utf8"),
          errors: [...stdout.matchAll(/^::error(?: [^:]*)?::(.*)$/gm)].map(([, text = ""]) => text)
        })
      )
    )
  }

  const world: World = {
    url,
    apiKey,
    folder,
    identity,
    signingKey: generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    base: { "api-key": apiKey, "base-url": url, recipients: await identityToRecipient(identity) },
    run,
    accounts: async () => (await get("state")).accounts,
    requests: () => get("requests"),
    writes: async () => {
      const requests: ReadonlyArray<{ readonly method: string; readonly path: string }> = await get("requests")
      return requests.filter(({ method, path }) => method !== "GET" && !/\/(?:lookup|create)$/.test(path)).length
    },
    control: (name, body) => post(`${control}/${name}`, body),
    create: (name) => post(`${url}/auth/proxy/create`, { name, expires_at: -1, allocated_ammount: 1 }),
    toggle: async (name) => {
      const [account] = await world.accounts()
      await post(`${url}/auth/proxy/toggle`, { proxy_key: account?.keys.find((key) => key.name === name)?.key })
    },
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ path, text: readFileSync(path, "latin1") }))
  }
  return { world, close }
}

/** `name<<delimiter`, the value's lines, the delimiter: the form that a value cannot break out of. */
const parseOutputs = (text: string): { readonly [name: string]: string } => {
  const found: Record<string, string> = {}
  const lines = text.split("\n")
  for (let at = 0; at < lines.length; at++) {
    const [, name = "", delimiter = ""] = /^([^<]+)<<(.+)$/.exec(lines[at] ?? "") ?? []
    if (name === "") continue
    const end = lines.indexOf(delimiter, at + 1)
    found[name] = lines.slice(at + 1, end).join("\n")
    at = end
  }
  return found
}
