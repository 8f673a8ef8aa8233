import { setTimeout } from "node:timers/promises"
import type { FaultInput } from "@keysweep/emulator/Faults"
import type { Arena, Beginning } from "./Arena.ts"
import { type Chance, chanceOf } from "./Chance.ts"
import { problemsAtDeath, problemsOf } from "./Checker.ts"
import type { Job, Task } from "./child/Job.ts"
import type { ChildEnd } from "./Processes.ts"
import { endText, isDone, recover, saidBy } from "./Recovery.ts"
import { readScene } from "./SceneReading.ts"
import { type Scenario, scenarios } from "./Scenario.ts"

/** One try: what goes wrong at the upstream meanwhile, who else acts, and when the process dies. */
export interface Try {
  readonly faults: ReadonlyArray<FaultInput>
  readonly others: ReadonlyArray<Other>
  /** Milliseconds after the process has begun. */
  readonly killAfter: number
}

/** What somebody else does, so many milliseconds into a try. */
interface Other {
  readonly after: number
  readonly does: "create" | "toggle" | "delete"
  /** Which key of the seed. */
  readonly key: number
}

export interface RandomCase {
  readonly scenario: Scenario
  readonly dialect: "static" | "path"
  readonly tries: ReadonlyArray<Try>
}

export interface RandomVerdict {
  readonly number: number
  /** What was done, in words that find the case again. */
  readonly story: string
  /** Processes that were killed before they came to their end. */
  readonly kills: number
  /** What applications were charged meanwhile, in millionths of a credit. */
  readonly spent: number
  /** How the last process ended. */
  readonly ended: string
  readonly problems: ReadonlyArray<string>
}

/** Case `number` of a seed: the same each time, but for what the machine's own pace adds. */
export const randomCase = (seed: number, number: number): RandomCase => {
  const chance = chanceOf(seed * 100_003 + number)
  const [first, ...rest] = scenarios.filter(({ broken }) => broken === null)
  if (first === undefined) throw new Error("there is no scenario")
  const scenario = chance.one([first, ...rest])
  const dialect = chance.yes(0.7) ? "path" : "static"
  return {
    scenario,
    dialect,
    tries: Array.from({ length: 1 + chance.below(3) }, () => ({
      faults: Array.from({ length: chance.below(3) }, () => randomFault(chance)),
      others: chance.yes(0.25) ? [randomOther(chance)] : [],
      killAfter: Math.round(20 + 480 * chance.next() ** 1.5)
    }))
  }
}

const delayMillis = 400

const randomFault = (chance: Chance): FaultInput => {
  const match = chance.one([
    { method: "GET", path: "/auth/proxy" },
    { method: "*", path: "/auth/proxy/toggle*" },
    { method: "POST", path: "/auth/proxy/remove" },
    { method: "DELETE", path: "/auth/proxy*" },
    { method: "POST", path: "/auth/proxy/create" },
    { method: "POST", path: "/auth/proxy/update*" },
    { method: "GET", path: "/auth/key/regen" },
    { method: "*", path: "*" }
  ])
  const kind = chance.one<FaultInput["kind"]>([
    "drop-before",
    "drop-after",
    "status",
    "truncate",
    "hang",
    "delay",
    "partial"
  ])
  return {
    kind,
    match,
    // Of a delete-all that ends half way: so many keys go first. Of the others: so many requests go through first.
    skip: chance.below(4),
    times: 1 + chance.below(2),
    ...(kind === "status" ? { status: 500 } : {}),
    ...(kind === "delay" ? { ms: delayMillis } : {})
  }
}

const randomOther = (chance: Chance): Other => ({
  after: chance.below(400),
  does: chance.one(["create", "toggle", "delete"]),
  key: chance.below(7)
})

/** Kills, resumes, kills the resume, and in the end lets one come through; then the checker looks. */
export const runRandom = async (arena: Arena, seed: number, number: number): Promise<RandomVerdict> => {
  const { dialect, scenario, tries } = randomCase(seed, number)
  const { beginning, task } = await arena.begin(scenario, dialect)
  const { end, kills, problems, spent } = await through(arena, { task, dialect, beginning, tries })
  return {
    number,
    spent,
    story: storyOf(randomCase(seed, number)),
    kills,
    ended: end._tag === "Killed" ? "killed" : end.report.ended,
    problems: [...problems, ...unexpected(end, tries)]
  }
}

interface Ordeal {
  readonly task: Task
  readonly dialect: Job["dialect"]
  readonly beginning: Beginning
  readonly tries: ReadonlyArray<Try>
  /** The seed of what applications spend while both keys of a rotation work; `null`: nothing. */
  readonly spending?: number | null
}

/** Each try, and then a resume that nobody disturbs; what the checker says of it. */
export const through = async (arena: Arena, { beginning, dialect, spending = null, task, tries }: Ordeal) => {
  let kills = 0
  const problems: Array<string> = []
  for (const [index, { faults, killAfter, others }] of tries.entries()) {
    await arena.emulator.faults(faults)
    const [end] = await Promise.all([
      arena.run({ dialect, task, recover: index > 0, killAfter, spending }),
      ...others.map((other) => act(arena, other, beginning))
    ])
    if (end._tag === "Killed") kills += 1
    await arena.emulator.faults([])
    // A request of the dead process that the upstream still holds back is beyond any resume: nobody can see it coming.
    await setTimeout(faults.some(({ kind }) => kind === "delay") ? delayMillis + 50 : 20)
    const left = problemsAtDeath(await readScene(arena, beginning, ""))
    problems.push(...left.map((problem) => `after try ${index + 1}, ${problem}`))
  }
  let end = await recover(arena, task, dialect, spending)
  if (!isDone(end)) end = await recover(arena, task, dialect, spending)
  const scene = await readScene(arena, beginning, saidBy(end))
  return { end, kills, spent: scene.credit.spent, problems: [...problems, ...problemsOf(scene)] }
}

const act = async ({ emulator }: Arena, { after, does, key }: Other, { state }: Beginning): Promise<void> => {
  await setTimeout(after)
  const secret = state.keys[key]?.key ?? ""
  switch (does) {
    case "create":
      return emulator.somebody("POST", "/auth/proxy/create", { name: "newcomer", expires_at: -1, allocated_ammount: 1 })
    case "toggle":
      return emulator.somebody("POST", `/auth/proxy/toggle/${secret}`)
    case "delete":
      return emulator.somebody("DELETE", `/auth/proxy/delete/${secret}`)
  }
}

/** Where nobody else acted, the last resume has everything done. */
const unexpected = (end: ChildEnd, tries: ReadonlyArray<Try>): ReadonlyArray<string> =>
  isDone(end) || tries.some(({ others }) => others.length > 0)
    ? []
    : [`I6: nobody else acted, and the last resume ended with ${endText(end)}`]

const storyOf = ({ dialect, scenario, tries }: RandomCase): string =>
  `${scenario.name} (${dialect}): ${triesText(tries)}`

export const triesText = (tries: ReadonlyArray<Try>): string =>
  tries
    .map(({ faults, killAfter, others }) =>
      [
        ...faults.map(
          ({ kind, match, skip, times }) => `${kind} ${match?.method} ${match?.path} skip ${skip} times ${times}`
        ),
        ...others.map(({ after, does, key }) => `somebody: ${does} ${key} at ${after} ms`),
        `kill at ${killAfter} ms`
      ].join(", ")
    )
    .join("; then ")
