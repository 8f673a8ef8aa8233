import { assert, it } from "@effect/vitest"
import { pageWith, sectionOf } from "../src/Page.ts"
import { type Measured, reaches, type Row } from "../src/Row.ts"

const row = (name: string): Row => ({
  name,
  title: `Title of ${name}`,
  bar: { kind: "at most", ratio: 2 },
  how: "Somehow.",
  run: () => Promise.reject(new Error("not run here"))
})

const measured = (ratio: number, wrong?: string): Measured => ({
  cases: [{ what: "a case", ours: "1 ms", against: "2 ms", ratio, wrong }],
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
  const [good, bad, wrong] = [measured(2), measured(2.1), measured(1, "2 answers of 429")].flatMap(({ cases }) => cases)
  const atLeast = { kind: "at least", ratio: 2 } as const
  assert.deepStrictEqual(
    [good, bad, wrong].map((it) => it !== undefined && reaches(one.bar, it)),
    [true, false, false]
  )
  assert.deepStrictEqual(
    [good, bad, wrong].map((it) => it !== undefined && reaches(atLeast, it)),
    [true, true, false]
  )
})

it("a missed bar says on the page why it does not count", () => {
  assert.match(sectionOf(one, measured(1, "2 answers of 429"), "Now"), /missed: 2 answers of 429/)
})
