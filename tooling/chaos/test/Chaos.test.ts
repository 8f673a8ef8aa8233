import { assert, describe, it } from "@effect/vitest"
import { inArenas, withArenas } from "../src/Arena.ts"
import { chanceOf, sample } from "../src/Chance.ts"
import { type Case, matrix } from "../src/Matrix.ts"
import { randomCase, runRandom } from "../src/RandomKills.ts"
import { rotationCase, runRotation } from "../src/Rotations.ts"
import { scenarios } from "../src/Scenario.ts"

/** A share of what `pnpm chaos` does, the same each time. */
const seed = 7

const aFew = (cases: ReadonlyArray<Case>): ReadonlyArray<Case> => {
  const chance = chanceOf(seed)
  return scenarios.flatMap((scenario) =>
    sample(
      chance,
      cases.filter((it) => it.scenario === scenario),
      1
    )
  )
}

describe("Chaos", () => {
  it("I6: SIGKILL at a point of each action, then resume: the end state of an unbroken run", { timeout: 240_000 }, () =>
    withArenas(2, async (arenas) => {
      const { unbroken, verdicts } = await matrix(arenas, scenarios, aFew, () => {})
      for (const [name, { problems, steps }] of unbroken) {
        assert.deepStrictEqual([name, problems], [name, []])
        assert.isAbove(steps.append, 2, name)
        assert.isAbove(steps.call, 1, name)
      }
      assert.lengthOf(verdicts, scenarios.length)
      assert.isAbove(verdicts.filter(({ reached }) => reached).length, 6)
      assert.deepStrictEqual(
        verdicts.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
        []
      )
    })
  )

  it("I6: kills at random moments, faults and other people's changes break no invariant", { timeout: 240_000 }, () =>
    withArenas(2, async (arenas) => {
      const verdicts = await inArenas(arenas, [0, 1, 2, 3], (arena, number) => runRandom(arena, seed, number))
      assert.isAbove(
        verdicts.reduce((kills, verdict) => kills + verdict.kills, 0),
        2
      )
      assert.deepStrictEqual(
        verdicts.flatMap(({ number, problems, story }) =>
          problems.map((problem) => `${number}: ${problem} (${story})`)
        ),
        []
      )
    })
  )

  it("I6: a rotation loses no millionth of a credit, in both money models", { timeout: 240_000 }, () =>
    withArenas(2, async (arenas) => {
      const verdicts = await inArenas(arenas, [0, 1], (arena, number) => runRotation(arena, seed, number))
      assert.isAbove(
        verdicts.reduce((sum, { spent }) => sum + spent, 0),
        0
      )
      assert.deepStrictEqual(
        verdicts.flatMap(({ problems, story }) => problems.map((problem) => `${problem} (${story})`)),
        []
      )
    })
  )

  it("a seed is the same cases each time, and another seed is others", () => {
    const stories = (seed: number) =>
      JSON.stringify([0, 1, 2, 3].map((number) => [randomCase(seed, number), rotationCase(seed, number)]))
    assert.strictEqual(stories(1), stories(1))
    assert.notStrictEqual(stories(1), stories(2))
  })
})
