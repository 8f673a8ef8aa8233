import { type Arena, inArenas } from "./Arena.ts"
import { problemsAtDeath, problemsOf } from "./Checker.ts"
import { type KillPoint, pointText, type Steps } from "./child/Job.ts"
import { endStateOf } from "./EndState.ts"
import { endText, isDone, recover, saidBy } from "./Recovery.ts"
import { readScene } from "./SceneReading.ts"
import type { Scenario } from "./Scenario.ts"

export interface Case {
  readonly scenario: Scenario
  readonly point: KillPoint
}

export interface Verdict {
  /** As typed after `--only`. */
  readonly name: string
  /** `false`: the process came to its end before this point, as it may where several requests are under way. */
  readonly reached: boolean
  readonly problems: ReadonlyArray<string>
}

/** What is compared with: the scenario without a kill. */
export interface Unbroken {
  readonly steps: Steps
  readonly endState: string
  readonly problems: ReadonlyArray<string>
}

const dialect = "path"

export const unbroken = async (arena: Arena, scenario: Scenario): Promise<Unbroken> => {
  const { beginning, task } = await arena.begin(scenario, dialect)
  const first = await arena.run({ dialect, task, recover: false, kill: scenario.broken })
  const last = scenario.broken === null ? first : await recover(arena, task, dialect)
  if (last._tag === "Killed") throw new Error(`${scenario.name}: the unbroken run was killed`)
  const scene = await readScene(arena, beginning, saidBy(last))
  const wrong = last.report.ended === "done" ? [] : [`it ended with ${endText(last)}`]
  return { steps: last.report.steps, endState: endStateOf(scene), problems: [...wrong, ...problemsOf(scene)] }
}

/** Every point that the unbroken run came by, and one more of each kind, which another order of replies may reach. */
export const pointsOf = (steps: Steps): ReadonlyArray<KillPoint> =>
  (["append", "backup", "call", "sink"] as const).flatMap((port) => {
    const number = steps[port] + 1
    const further = { port, stage: "before" as const, number }
    return [
      ...Array.from({ length: steps[port] }, (_, index) => index + 1).flatMap((number) =>
        (["before", "inside", "after"] as const)
          .filter((stage) => stage !== "inside" || port === "append")
          .map((stage) => ({ port, stage, number }))
      ),
      ...(steps[port] === 0 ? [] : [further])
    ]
  })

/** Kills at one point, looks at what is left, goes on as the product tells, and compares. */
export const tryPoint = async (arena: Arena, { point, scenario }: Case, goal: Unbroken): Promise<Verdict> => {
  const { beginning, task } = await arena.begin(scenario, dialect)
  const resumes = scenario.broken !== null
  if (resumes) await arena.run({ dialect, task, recover: false, kill: scenario.broken })
  const tried = await arena.run({ dialect, task, recover: resumes, kill: point })
  const reached = tried._tag === "Killed"
  const dead = reached ? problemsAtDeath(await readScene(arena, beginning, "")) : []
  const last = await recover(arena, task, dialect)
  const scene = await readScene(arena, beginning, saidBy(last))
  const endState = endStateOf(scene)
  const again = last._tag === "Killed" ? null : last.report.again
  const problems = [
    ...dead.map((problem) => `at its death, ${problem}`),
    ...problemsOf(scene),
    ...(isDone(last) ? [] : [`it went on to ${endText(last)}`]),
    ...(again === null || again === "PlanStale" ? [] : [`I11: the used plan could be used again: ${again}`]),
    ...(endState === goal.endState ? [] : [`the end state differs: ${difference(goal.endState, endState)}`])
  ]
  return { name: `${scenario.name}/${pointText(point)}`, reached, problems }
}

/** The first lines that are not the same. */
const difference = (expected: string, found: string): string => {
  const there = found.split("\n")
  const wrong = expected
    .split("\n")
    .flatMap((line, index) => (line === there[index] ? [] : [`${line.trim()} → ${there[index]?.trim() ?? ""}`]))
  return wrong.slice(0, 4).join("; ") || "there is more than expected"
}

export interface MatrixResult {
  readonly unbroken: ReadonlyMap<string, Unbroken>
  readonly verdicts: ReadonlyArray<Verdict>
}

/** Every scenario without a kill, then every case that `choose` leaves. */
export const matrix = async (
  arenas: ReadonlyArray<Arena>,
  scenarios: ReadonlyArray<Scenario>,
  choose: (cases: ReadonlyArray<Case>) => ReadonlyArray<Case>,
  tell: (verdict: Verdict) => void
): Promise<MatrixResult> => {
  const goals = await inArenas(arenas, scenarios, unbroken)
  const known = new Map(
    scenarios.flatMap(({ name }, index) => {
      const goal = goals[index]
      return goal === undefined ? [] : [[name, goal] as const]
    })
  )
  const cases = scenarios.flatMap((scenario) =>
    pointsOf(known.get(scenario.name)?.steps ?? none).map((point) => ({ scenario, point }))
  )
  const verdicts = await inArenas(arenas, choose(cases), async (arena, it) => {
    const goal = known.get(it.scenario.name)
    if (goal === undefined) throw new Error(`${it.scenario.name} has no unbroken run`)
    const verdict = await tryPoint(arena, it, goal)
    tell(verdict)
    return verdict
  })
  return { unbroken: known, verdicts }
}

const none: Steps = { append: 0, backup: 0, call: 0, sink: 0 }
