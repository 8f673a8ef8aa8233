import { assert, it } from "@effect/vitest"
import { pageWith, sectionOf } from "../src/Page.ts"
import { type Case, type Measured, type Row, verdictOf } from "../src/Row.ts"

const row = (name: string): Row => ({
  name,
  title: `Title of ${name}`,
  bar: { kind: "at most", ratio: 2 },
  how: "Somehow.",
  run: () => Promise.reject(new Error("not run here"))
})

const plain: Case = { what: "a case", ours: "1 ms", against: "2 ms", ratio: 1 }

const measured = (ratio: number, wrong?: string): Measured => ({
  cases: [{ ...plain, ratio, wrong }],
  note: "3 pairs."
})

const one = row("one")
const two = row("two")
const first = new Map([one, two].map((it) => [it.name, sectionOf(it, measured(1), "Then")] as const))

it("a row that is measured again replaces its section, and the others stay as they were", () => {
  const before = pageWith("", [one, two], first)
  const again = sectionOf(two, measured(1.5), "Now")
  const after = pageWith(before, [one, two], new Map([["two", again]]))
  assert.strictEqual(after, before.replace(first.get("two") ?? "", again))
  assert.include(after, "1.500")
})

it("nothing measured leaves the page as it is", () => {
  const page = pageWith("", [one, two], first)
  assert.strictEqual(pageWith(page, [one, two], new Map()), page)
})

it("a section of a row that is no more goes", () => {
  assert.notInclude(pageWith(pageWith("", [one, two], first), [two], new Map()), "Title of one")
})

it("a bar is reached from its own side only", () => {
  const atLeast = { kind: "at least", ratio: 2 } as const
  const verdicts = (bar: Row["bar"]) => [1, 2, 2.1].map((ratio) => verdictOf(bar, { ...plain, ratio }))
  assert.deepStrictEqual(verdicts(one.bar), ["reached", "reached", "missed"])
  assert.deepStrictEqual(verdicts(atLeast), ["missed", "reached", "reached"])
})

it("a scaled ratio is not judged, a 429 always is", () => {
  assert.strictEqual(verdictOf(one.bar, { ...plain, ratio: 9, scaled: true }), "not judged")
  assert.strictEqual(verdictOf(one.bar, { ...plain, scaled: true, wrong: "2 answers of 429" }), "missed")
})

it("a missed bar says on the page why it does not count", () => {
  assert.match(sectionOf(one, measured(1, "2 answers of 429"), "Now"), /missed: 2 answers of 429/)
})
