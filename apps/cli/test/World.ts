import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, inject } from "vitest"

/** One emulator in a process of its own, one home folder, and the program as people run it. */
export interface World {
  readonly url: string
  readonly apiKey: string
  readonly home: string
  readonly folder: string
  readonly run: (words: ReadonlyArray<string>, options?: RunOptions) => Promise<Ran>
  readonly terminal: (
    words: ReadonlyArray<string>,
    steps: ReadonlyArray<Step>,
    options?: RunOptions & { readonly columns?: number }
  ) => Promise<Ran>
  readonly state: () => Promise<State>
  readonly requests: () => Promise<
    ReadonlyArray<{ readonly at: string; readonly method: string; readonly path: string; readonly status: number }>
  >
  readonly control: (name: string, body?: unknown) => Promise<void>
  /** Every file below the folder, as text. */
  readonly files: () => ReadonlyArray<{ readonly path: string; readonly text: string }>
  readonly close: () => Promise<void>
}

export interface RunOptions {
  readonly env?: { readonly [name: string]: string | undefined }
  readonly input?: string
  /** Aborted with the reason "SIGINT" it is Ctrl-C; else the process is killed. */
  readonly kill?: AbortSignal
}

export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export interface Step {
  readonly expect: string
  readonly send?: string
  readonly signal?: string
}

export interface State {
  readonly accounts: ReadonlyArray<{
    readonly apiKey: string
    readonly balance: number
    readonly keys: ReadonlyArray<WireKey>
  }>
}

export interface WireKey {
  readonly key: string
  readonly name: string
  readonly is_active: boolean
  readonly allocated_ammount: number
  readonly ip_whitelist: ReadonlyArray<string>
}

export const program = (): string => inject("keysweep")

/** Python's standard library has the pseudo-terminal that Node lacks. */
export const python = spawnSync("python3", ["-c", "import pty"]).status === 0
if (!python)
  process.stderr.write("SKIPPED: every test at a terminal, because python3 with its module pty is not here.\n")

const started = (child: ReturnType<typeof spawn>, input: string | undefined): Promise<Ran> =>
  new Promise((resolve, reject) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.on("data", (data) => (stdout += data))
    child.stderr?.on("data", (data) => (stderr += data))
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ exit: code ?? (signal === null ? -1 : 128), stdout, stderr }))
    child.stdin?.end(input ?? "")
  })

/** `seed`: `demo`, `empty`, or keys by name. The clock runs 60 times as fast unless the options say otherwise. */
export const makeWorld = async (
  options: { readonly seed?: string; readonly scale?: number; readonly args?: ReadonlyArray<string> } = {}
): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), "keysweep-cli-"))
  const home = join(folder, "home")
  const scale = String(options.scale ?? 60)
  const emulator = spawn(
    process.execPath,
    [
      program(),
      "emulator",
      "--port",
      "0",
      "--json",
      "--seed",
      options.seed ?? "demo",
      "--time-scale",
      scale,
      ...(options.args ?? [])
    ],
    {
      stdio: ["ignore", "pipe", "inherit"]
    }
  )
  const line = await new Promise<string>((resolve, reject) => {
    let text = ""
    emulator.stdout.on("data", (data) => {
      text += data
      if (text.includes("\n")) resolve(text)
    })
    emulator.once("exit", () => reject(new Error("the emulator ended")))
  })
  const { url, apiKey, control } = JSON.parse(line)
  const env = (more: RunOptions["env"] = {}) => ({
    PATH: process.env["PATH"],
    HOME: folder,
    TERM: "xterm-256color",
    ELECTRONHUB_API_KEY: apiKey,
    ELECTRONHUB_BASE_URL: url,
    KEYSWEEP_HOME: home,
    KEYSWEEP_TIME_SCALE: scale,
    ...more
  })
  const children = new Set<ChildProcess>()
  const get = async (name: string) => JSON.parse(await (await fetch(`${control}/${name}`)).text())
  return {
    url,
    apiKey,
    home,
    folder,
    run: (words, { env: more, input, kill } = {}) => {
      const child = spawn(process.execPath, [program(), ...words], { env: env(more), cwd: folder })
      children.add(child)
      child.once("exit", () => children.delete(child))
      kill?.addEventListener("abort", () => child.kill(kill.reason === "SIGINT" ? "SIGINT" : "SIGKILL"))
      return started(child, input)
    },
    terminal: (words, steps, { env: more, columns = 100 } = {}) =>
      started(
        spawn("python3", [new URL("terminal.py", import.meta.url).pathname], { env: env(more), cwd: folder }),
        JSON.stringify({ argv: [process.execPath, program(), ...words], columns, steps })
      ),
    state: () => get("state"),
    requests: () => get("requests"),
    control: async (name, body) => {
      const reply = await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(body ?? {}) })
      if (!reply.ok) throw new Error(`control ${name}: ${reply.status}`)
    },
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        // A lock may be gone again by now.
        .flatMap((path) => (existsSync(path) ? [{ path, text: readFileSync(path, "latin1") }] : [])),
    close: async () => {
      // One that hangs is the failure of its test, not of those that wait for it to let go of their output.
      for (const child of children) child.kill("SIGKILL")
      emulator.kill("SIGTERM")
      await new Promise((resolve) => emulator.once("exit", resolve))
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Worlds that end with each test. */
export const useWorlds = (): ((...options: Parameters<typeof makeWorld>) => Promise<World>) => {
  const worlds: Array<World> = []
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.close()))
  })
  return async (...options) => {
    const world = await makeWorld(...options)
    worlds.push(world)
    return world
  }
}

/** The document of a command that must succeed. */
export const json = async (world: World, ...words: ReadonlyArray<string>) => {
  const ran = await world.run([...words, "--json"])
  assert.strictEqual(ran.exit, 0, ran.stderr + ran.stdout)
  return JSON.parse(ran.stdout)
}

export const names = (state: State) => (state.accounts[0]?.keys ?? []).map(({ name }) => name).sort()
export const secretsOf = (state: State) =>
  state.accounts.flatMap(({ apiKey, keys }) => [apiKey, ...keys.map(({ key }) => key)])
