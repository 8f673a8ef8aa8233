import { Outcome } from "@keysweep/revocation/Outcome"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { cases } from "./OutcomeCases.ts"
import { close, open } from "./OutcomeWorld.ts"
import type { State, World } from "./World.ts"

/** The list that every surface shares, with the exit codes that scripts rely on. */
const exits = {
  done: 0,
  nothing: 0,
  partial: 1,
  failed: 1,
  unverified: 1,
  refused: 2,
  blocked: 3,
  stale: 4,
  credentials: 5,
  limit: 6,
  records: 7,
  findings: 8,
  interrupted: 130
} satisfies { readonly [outcome in Outcome]: number }

let world: World
beforeAll(async () => {
  world = await open()
})
afterAll(close)
beforeEach(() => world.control("reset"))

/** Names of the keys whose settings differ, or that one of the two has not. */
const differing = (before: State, after: State): ReadonlyArray<string> => {
  const keysOf = (state: State) =>
    new Map((state.accounts[0]?.keys ?? []).map((key) => [key.name, JSON.stringify(key)]))
  const [was, is] = [keysOf(before), keysOf(after)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name)).sort()
}

describe("every outcome is reached by the program as it is published:", () => {
  it.each(cases.map((it) => [`${it.outcome}: ${it.when}`, it] as const))("%s", async (_, it) => {
    const before = await world.state()
    const ran = await it.reach([])
    const text = ran.stdout + ran.stderr
    assert.strictEqual(ran.exit, exits[it.outcome], text)
    assert.match(text, it.says)
    assert.match(text, it.told ?? /Nothing was changed\./)
    const changed = differing(before, await world.state())
    assert.deepStrictEqual(typeof it.changed === "number" ? changed.length : changed, it.changed ?? [])
  })

  // The list is the program's own: an outcome without a case fails here.
  it.each(Outcome.literals)("%s, as a document", async (outcome) => {
    const { changed, reach } = cases.find((it) => it.outcome === outcome) ?? assert.fail(`no case reaches ${outcome}`)
    const ran = await reach(["--json"])
    assert.strictEqual(ran.exit, exits[outcome], ran.stdout + ran.stderr)
    const document = JSON.parse(ran.stdout)
    if (document.schema === "keysweep.error/1") {
      assert.strictEqual(document.exit, exits[outcome])
      assert.notStrictEqual(document.message, "")
      assert.strictEqual(document.changed.length > 0, changed !== undefined)
      assert.isAbove(document.next.length, 0)
    }
    if (outcome === "findings") assert.strictEqual(document.schema, "keysweep.audit/1")
    else assert.strictEqual(document.outcome, outcome)
  })
})
