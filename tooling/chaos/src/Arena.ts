import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redacted } from "effect"
import { bundlePrograms, type Programs } from "./Bundles.ts"
import type { Job, KillPoint, Task } from "./child/Job.ts"
import { type EmulatorProcess, type State, startEmulator } from "./EmulatorProcess.ts"
import { type ChildEnd, runChild } from "./Processes.ts"
import type { Scenario } from "./Scenario.ts"

/** A place where one case at a time takes place: an emulator of its own, a home that is made anew for each. */
export interface Arena {
  readonly emulator: EmulatorProcess
  readonly home: string
  /** The dotenv file of new values. */
  readonly sink: string
  /** What an allocation is, at this upstream. */
  readonly money: () => "transfer" | "cap"
  /** Another upstream from here on, through every reset. */
  readonly trade: (money: "transfer" | "cap", chatPrice: number) => Promise<void>
  /** Resets the upstream, and makes a home that knows the account as yesterday's would: whose it is, in which dialect. */
  readonly clear: (dialect: Job["dialect"]) => Promise<void>
  /** The upstream as it is now: what a scene begins with. */
  readonly look: () => Promise<Beginning>
  /**
   * Clears, does what must have happened before the scenario, and plans ahead where it needs a plan: what is tried is
   * carrying it out.
   */
  readonly begin: (scenario: Scenario, dialect: Job["dialect"]) => Promise<Begun>
  /** Does what must have happened before, on the account as it is, and gives back what is tried then. */
  readonly prepare: (what: Before, dialect: Job["dialect"]) => Promise<Task>
  readonly run: (job: Pick<Job, "task" | "recover" | "dialect"> & More) => Promise<ChildEnd>
}

export interface Beginning {
  readonly state: State
  /** Requests that had arrived by then. */
  readonly arrived: number
}

export interface Begun {
  readonly task: Task
  readonly beginning: Beginning
}

type Before = Extract<Scenario["what"], { readonly _tag: "After" }>

interface More {
  readonly kill?: KillPoint | null
  readonly killAfter?: number | null
  readonly spending?: number | null
  /** The master key; the seed's, if none is named. */
  readonly apiKey?: string
}

/** So many arenas side by side, gone afterwards with everything in them. */
export const withArenas = async <A>(count: number, use: (arenas: ReadonlyArray<Arena>) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "keysweep-chaos-"))
  const arenas: Array<Arena> = []
  try {
    const programs = await bundlePrograms(folder)
    for (let number = 0; number < count; number++) arenas.push(await makeArena(programs, join(folder, String(number))))
    return await use(arenas)
  } finally {
    await Promise.all(arenas.map(({ emulator }) => emulator.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

const makeArena = async (programs: Programs, folder: string): Promise<Arena> => {
  mkdirSync(folder)
  const emulator = await startEmulator(programs.emulator, folder)
  const home = join(folder, "home")
  const values = join(folder, "values")
  const sink = join(values, "app.env")
  const plans = new Map<string, Task>()
  const run: Arena["run"] = ({ apiKey = emulator.apiKey, kill = null, killAfter = null, spending = null, ...job }) =>
    runChild(
      programs.child,
      join(folder, "job.json"),
      { ...job, url: emulator.url, apiKey: Redacted.make(apiKey), home, sink, spending, kill },
      killAfter
    )

  const prepared = (dialect: Job["dialect"]) => join(folder, `prepared-${dialect}`)
  const known = new Set<Job["dialect"]>()
  const clear = async (dialect: Job["dialect"]) => {
    await emulator.reset()
    for (const place of [home, values]) rmSync(place, { recursive: true, force: true })
    if (!known.has(dialect)) {
      const file = join(folder, "first-plan.json")
      await expectPlanned(
        run({ dialect, recover: false, task: { _tag: "Plan", action: "delete-all", keys: [], file } })
      )
      rmSync(join(home, "accounts"), { recursive: true, force: true })
      cpSync(home, prepared(dialect), { recursive: true })
      known.add(dialect)
      await emulator.reset()
    }
    rmSync(home, { recursive: true, force: true })
    cpSync(prepared(dialect), home, { recursive: true })
    mkdirSync(values)
  }
  let money: ReturnType<Arena["money"]> = "transfer"
  const trade: Arena["trade"] = async (next, chatPrice) => {
    money = next
    await emulator.switches({ money, chatPrice, windowReset: "never" })
  }
  const look: Arena["look"] = async () => ({
    state: await emulator.state(),
    arrived: (await emulator.requests()).length
  })

  /** Lasts for every case. */
  const planOf = async (name: string, plan: Task, carry: Task): Promise<Task> => {
    const made = plans.get(name)
    if (made !== undefined) return made
    await clear("path")
    await expectPlanned(run({ dialect: "path", recover: false, task: plan }))
    plans.set(name, carry)
    return carry
  }

  const prepare: Arena["prepare"] = async ({ for: next, keys }, dialect) => {
    const file = join(folder, "plan-prepared.json")
    await expectPlanned(run({ dialect, recover: false, task: { _tag: "Prepare", for: next, keys, file } }))
    return afterwards(next, file)
  }

  const begin: Arena["begin"] = async ({ name, what }, dialect) => {
    const file = join(folder, `plan-${name}.json`)
    switch (what._tag) {
      case "Apply":
      case "Retire": {
        const retires = what._tag === "Retire"
        const plan: Task = retires
          ? { _tag: "PlanRetirement", keys: what.keys, file }
          : { _tag: "Plan", action: what.action, keys: what.keys, file }
        const task = await planOf(name, plan, { _tag: retires ? "Retire" : "Apply", file })
        await clear(dialect)
        return { task, beginning: await look() }
      }
      case "After": {
        await clear(dialect)
        const beginning = await look()
        return { task: await prepare(what, dialect), beginning }
      }
      case "Panic":
      case "Regenerate":
        await clear(dialect)
        return {
          task: what._tag === "Panic" ? { _tag: "Panic", way: what.way } : { _tag: "Regenerate" },
          beginning: await look()
        }
    }
  }

  return { emulator, home, sink, money: () => money, trade, clear, look, begin, prepare, run }
}

/** What is tried once it is prepared. */
const afterwards = (what: Before["for"], file: string): Task => {
  switch (what) {
    case "undo":
      return { _tag: "Apply", file }
    case "run-due":
      return { _tag: "RunDue" }
    case "recreate":
      return { _tag: "Replace", file, due: false }
    case "rotate":
      return { _tag: "Replace", file, due: true }
  }
}

const expectPlanned = async (running: Promise<ChildEnd>): Promise<void> => {
  const end = await running
  if (end._tag === "Killed" || end.report.ended !== "planned") {
    throw new Error(
      `no plan was made: ${end._tag === "Killed" ? "killed" : `${end.report.ended}, ${end.report.detail}`}`
    )
  }
}

/** Shares cases among arenas; the order of the answers is that of the cases. */
export const inArenas = async <C, A>(
  arenas: ReadonlyArray<Arena>,
  cases: ReadonlyArray<C>,
  run: (arena: Arena, it: C) => Promise<A>
): Promise<ReadonlyArray<A>> => {
  const answers: Array<A> = []
  let next = 0
  await Promise.all(
    arenas.map(async (arena) => {
      while (next < cases.length) {
        const index = next++
        const it = cases[index]
        if (it !== undefined) answers[index] = await run(arena, it)
      }
    })
  )
  return answers
}
