import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { inArenas, withArenas } from "./Arena.ts"
import { matrix, type Verdict } from "./Matrix.ts"
import { runRandom } from "./RandomKills.ts"
import { runRotation } from "./Rotations.ts"
import { scenarios } from "./Scenario.ts"
import { pointText } from "./child/Job.ts"

const usage = `pnpm chaos --all
pnpm chaos --matrix [--only PREFIX]
pnpm chaos --random N [--seed S] [--from I]
pnpm chaos --rotations N [--seed S] [--from I]

  --all        the whole matrix, 200 runs and 500 rotations with seed 1; takes about an hour on two cores
  --matrix     SIGKILL before and after each append, backup step and upstream call of every action, then resume
  --only P     the cases whose name begins so, as in disable or delete/after-call-2
  --random N   N runs with kills at random moments, faults of the upstream and other people's changes
  --rotations N
               N rotations with kills, lost replies and spending while both keys work, in turns where allocations are
               transferred and where they are caps: no millionth of a credit may be lost or made
  --seed S     a whole number (default 1): the same cases each time
  --from I     begin with case I (default 0)
`

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Tells now and then on stderr that it goes on. */
const counter = () => {
  let count = 0
  return () => {
    count += 1
    if (count % 50 === 0) process.stderr.write(`… ${count} cases\n`)
  }
}

const main = async (typed: ReadonlyArray<string>): Promise<number> => {
  const { values } = parseArgs({
    args: typed.filter((word) => word !== "--"),
    options: {
      all: { type: "boolean" },
      matrix: { type: "boolean" },
      only: { type: "string" },
      random: { type: "string" },
      rotations: { type: "string" },
      seed: { type: "string" },
      from: { type: "string" },
      help: { type: "boolean", short: "h" }
    }
  })
  const all = values.all === true
  const every = all || values.matrix === true
  const random = all ? 200 : Number(values.random ?? 0)
  const rotations = all ? 500 : Number(values.rotations ?? 0)
  const seed = Number(values.seed ?? 1)
  const from = Number(values.from ?? 0)
  const asked = all ? [true] : [every, random > 0, rotations > 0].filter((it) => it)
  const right = [random, rotations, seed, from].every(Number.isSafeInteger) && asked.length === 1
  if (values.help === true || !right) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 2
  }
  let bad = 0
  if (every) bad += await wholeMatrix(values.only ?? "")
  if (random > 0) bad += await allOf(runRandom, random, seed, from)
  if (rotations > 0) bad += await allOf(runRotation, rotations, seed, from)
  return bad === 0 ? 0 : 1
}

const wholeMatrix = (only: string): Promise<number> =>
  withArenas(availableParallelism(), async (arenas) => {
    const wanted = scenarios.filter(({ name }) => only.startsWith(`${name}/`) || name.startsWith(only))
    const count = counter()
    const tell = ({ name, problems }: Verdict) => {
      count()
      for (const problem of problems) say(`✗ ${name}: ${problem}`)
    }
    const { unbroken, verdicts } = await matrix(
      arenas,
      wanted,
      (cases) => cases.filter(({ point, scenario }) => `${scenario.name}/${pointText(point)}`.startsWith(only)),
      tell
    )
    let bad = verdicts.filter(({ problems }) => problems.length > 0).length
    for (const [name, { problems, steps }] of unbroken) {
      for (const problem of problems) say(`✗ ${name}, unbroken: ${problem}`)
      bad += problems.length > 0 ? 1 : 0
      const own = verdicts.filter((verdict) => verdict.name.startsWith(`${name}/`))
      const reached = own.filter((verdict) => verdict.reached).length
      const broken = own.filter((verdict) => verdict.problems.length > 0).length
      say(
        `${name}: ${reached} kills (${steps.append} appends, ${steps.backup} backup steps, ${steps.call} calls, ${steps.sink} deliveries), ${own.length - reached} points not reached, ${broken} failed`
      )
    }
    say(`${verdicts.filter(({ reached }) => reached).length} kills, ${bad} failures`)
    return bad
  })

const allOf = (run: typeof runRandom, count: number, seed: number, from: number): Promise<number> =>
  withArenas(availableParallelism(), async (arenas) => {
    const numbers = Array.from({ length: count }, (_, index) => from + index)
    const tick = counter()
    const verdicts = await inArenas(arenas, numbers, async (arena, number) => {
      const verdict = await run(arena, seed, number)
      tick()
      for (const problem of verdict.problems) say(`✗ seed ${seed}, case ${number}: ${problem}\n  ${verdict.story}`)
      return verdict
    })
    const ends = new Map<string, number>()
    for (const { ended } of verdicts) ends.set(ended, (ends.get(ended) ?? 0) + 1)
    const bad = verdicts.filter(({ problems }) => problems.length > 0).length
    const kills = verdicts.reduce((sum, verdict) => sum + verdict.kills, 0)
    const spent = verdicts.filter((verdict) => verdict.spent > 0).length
    say(
      `${count} runs, ${kills} kills, ${spent} with spending, ended: ${[...ends].map(([end, times]) => `${end} ${times}`).join(", ")}`
    )
    say(`${bad} failures`)
    return bad
  })

process.exitCode = await main(process.argv.slice(2))
