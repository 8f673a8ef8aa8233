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
  /** The account as the seed has it. */
  readonly seed: State
  readonly home: string
  /** Resets the upstream, and makes a home that knows the account as yesterday's would: whose it is, in which dialect. */
  readonly clear: (dialect: Job["dialect"]) => Promise<void>
  /** Plans ahead where the scenario needs a plan: what is tried is carrying it out. Lasts for every case. */
  readonly taskOf: (scenario: Scenario) => Promise<Task>
  readonly run: (job: Pick<Job, "task" | "recover" | "dialect"> & More) => Promise<ChildEnd>
}

interface More {
  readonly kill?: KillPoint | null
  readonly killAfter?: number | null
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
  const seed = await emulator.state()
  const home = join(folder, "home")
  const plans = new Map<string, Task>()
  const run: Arena["run"] = ({ dialect, kill = null, killAfter = null, recover, task }) =>
    runChild(
      programs.child,
      join(folder, "job.json"),
      { url: emulator.url, apiKey: Redacted.make(emulator.apiKey), home, dialect, task, recover, kill },
      killAfter
    )

  const prepared = (dialect: Job["dialect"]) => join(folder, `prepared-${dialect}`)
  const known = new Set<Job["dialect"]>()
  const clear = async (dialect: Job["dialect"]) => {
    await emulator.reset()
    rmSync(home, { recursive: true, force: true })
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
  }

  const taskOf = async ({ name, what }: Scenario): Promise<Task> => {
    if (what._tag === "Panic") return { _tag: "Panic", way: what.way }
    const made = plans.get(name)
    if (made !== undefined) return made
    const file = join(folder, `plan-${name}.json`)
    const keys = [...what.keys]
    await clear("path")
    const retires = what._tag === "Retire"
    const plan: Task = retires
      ? { _tag: "PlanRetirement", keys, file }
      : { _tag: "Plan", action: what.action, keys, file }
    await expectPlanned(run({ dialect: "path", recover: false, task: plan }))
    const task: Task = { _tag: retires ? "Retire" : "Apply", file }
    plans.set(name, task)
    return task
  }

  return { emulator, seed, home, clear, taskOf, run }
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
