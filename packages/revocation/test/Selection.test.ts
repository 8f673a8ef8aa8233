import { assert, describe, it } from "@effect/vitest"
import { Duration, Either } from "effect"
import { parseDuration } from "../src/DurationText.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { select, type Selector } from "../src/Selection.ts"
import { readingOf, seconds } from "./support.ts"

const inventory = inventoryOf(
  readingOf([
    { name: "ci-build" },
    { name: "ci-deploy", is_active: false },
    { name: "web", expires_at: seconds - 60 },
    { name: "web/batch", used_ammount: 10 },
    { name: "same" },
    { name: "same" }
  ])
)
const names = (selector: Selector) =>
  Either.map(select(inventory, selector), ({ selected }) => selected.map(({ key }) => key.name))

describe("Selection", () => {
  it("I3: no selector refuses; nothing never means everything", () => {
    const nothing = {
      keys: [],
      names: [],
      owners: [],
      states: [],
      expired: false,
      unused: false,
      unrestricted: false,
      all: false
    }
    for (const selector of [{}, { keys: [] }, nothing, { ...nothing, idle: undefined, where: undefined }]) {
      const refused = Either.getOrThrow(Either.flip(select(inventory, selector)))
      assert.strictEqual(refused.candidates.length, inventory.keys.length)
    }
  })

  it("I3: a literal key that does not exist refuses and names what may have been meant", () => {
    const answer = Either.flip(select(inventory, { keys: ["ci"] })).pipe(Either.getOrThrow)
    assert.deepStrictEqual(
      answer.candidates.map(({ name }) => name),
      ["ci-build", "ci-deploy"]
    )
  })

  it("I3: where nothing resembles a literal, the candidates are the keys there are", () => {
    const answer = Either.flip(select(inventory, { keys: ["zzz"] })).pipe(Either.getOrThrow)
    assert.strictEqual(answer.candidates.length, inventory.keys.length)
  })

  it("I3: a bound of nothing, or of no number, is not a way to say --all", () => {
    for (const selector of [
      { idle: Duration.zero },
      { olderThan: Duration.infinity },
      { spentBelow: 0 },
      { spentBelow: Number.NaN },
      { spentBelow: Infinity }
    ]) {
      assert.isTrue(Either.isLeft(select(inventory, selector)))
    }
  })

  it("a key that is named like the id of another does not stand in for it", () => {
    const [first] = inventory.keys
    const trap = inventoryOf(readingOf([{ name: "ci-build" }, { name: first?.id ?? "" }]))
    const answer = Either.getOrThrow(select(trap, { keys: [first?.id ?? ""] }))
    assert.deepStrictEqual(
      answer.selected.map(({ key }) => key.name),
      ["ci-build"]
    )
  })

  it("I3: one missing literal refuses the others too", () => {
    assert.isTrue(Either.isLeft(select(inventory, { keys: ["ci-build", "kf_aaaaaaaaaaaaaaaa"] })))
  })

  it("I3: a name that two keys have refuses with both ids", () => {
    const answer = Either.flip(select(inventory, { keys: ["same"] })).pipe(Either.getOrThrow)
    assert.strictEqual(answer.candidates.length, 2)
    assert.strictEqual(new Set(answer.candidates.map(({ id }) => id)).size, 2)
  })

  it("I3: a filter that matches nothing selects nothing", () => {
    assert.deepStrictEqual(names({ names: ["nobody-*"] }), Either.right([]))
    assert.deepStrictEqual(
      Either.map(select(inventoryOf(readingOf([])), { all: true }), (it) => it.selected),
      Either.right([])
    )
  })

  it("--all with a narrower selector refuses", () => {
    const narrower: ReadonlyArray<Selector> = [
      { expired: true },
      { unused: true },
      { unrestricted: true },
      { where: "unused" },
      { owners: ["*"] },
      { idle: Duration.days(1) },
      { olderThan: Duration.days(1) },
      { spentBelow: 1 },
      { keys: ["web"] },
      { names: ["*"] },
      { states: ["active"] }
    ]
    for (const selector of narrower) assert.isTrue(Either.isLeft(select(inventory, { ...selector, all: true })))
  })

  it("values of one field are alternatives, fields narrow one another", () => {
    assert.deepStrictEqual(
      names({ names: ["ci-*", "web*"] }),
      Either.right(["ci-build", "ci-deploy", "web", "web/batch"])
    )
    assert.deepStrictEqual(names({ names: ["ci-*"], states: ["disabled"] }), Either.right(["ci-deploy"]))
    assert.deepStrictEqual(names({ expired: true }), Either.right(["web"]))
    assert.deepStrictEqual(names({ states: ["exhausted"] }), Either.right(["web/batch"]))
  })

  it("an id, the beginning of an id and a whole name all name a key", () => {
    const [first] = inventory.keys
    assert.isDefined(first)
    for (const literal of [first?.id ?? "", (first?.id ?? "").slice(0, 10), "ci-build"]) {
      assert.deepStrictEqual(names({ keys: [literal] }), Either.right(["ci-build"]))
    }
  })

  it("every key says why it is in or out", () => {
    const day = 86_400
    const all = inventoryOf(
      readingOf([
        { name: "ci", last_used: seconds - 43 * day, used_ammount: 0.5 },
        { name: "web", last_used: seconds - 3600, model_whitelist: ["gpt-4o"], is_active: false },
        { name: "fresh", last_used: null, created_at: seconds - 2 * day },
        { name: "mystery", last_used: null, created_at: null }
      ])
    )
    const ownerOf = ({ name }: { readonly name: string }) =>
      name === "ci" ? "platform" : name === "web" ? "mara" : null
    const reasons = (selector: Selector) => {
      const { left, selected } = Either.getOrThrow(select(all, selector, ownerOf))
      return Object.fromEntries([
        ...selected.map((it) => [`+${it.key.name}`, it.reason]),
        ...left.map((it) => [it.key.name, it.reason])
      ])
    }
    assert.deepStrictEqual(reasons({ keys: ["ci"] }), {
      "+ci": "named as ci",
      web: "not named",
      fresh: "not named",
      mystery: "not named"
    })
    assert.deepStrictEqual(reasons({ idle: Duration.days(30) }), {
      "+ci": "was last used 43 days ago",
      web: "was last used 1 hour ago",
      fresh: "was never used, and made 2 days ago",
      mystery: "was never used, and made at an unknown time"
    })
    assert.deepStrictEqual(reasons({ olderThan: Duration.days(30) }), {
      "+ci": "was made 90 days ago",
      "+web": "was made 90 days ago",
      fresh: "was made 2 days ago",
      mystery: "was made at an unknown time"
    })
    assert.deepStrictEqual(reasons({ owners: ["plat*", "nobody"] }), {
      "+ci": "owner platform matches plat*",
      web: "owner mara matches none of plat*, nobody",
      fresh: "its owner is not known",
      mystery: "its owner is not known"
    })
    assert.deepStrictEqual(reasons({ states: ["active"], spentBelow: 1, where: "models.size() == 0" }), {
      "+ci": "is active; has spent 0.5 credits; the expression holds",
      web: "is disabled; has spent 4 credits; the expression does not hold",
      fresh: "has spent 4 credits",
      mystery: "has spent 4 credits"
    })
    assert.deepStrictEqual(reasons({ unrestricted: true, unused: true }), {
      "+fresh": "was never used; is unrestricted",
      "+mystery": "was never used; is unrestricted",
      ci: "was used",
      web: "was used; is restricted to models or addresses"
    })
  })

  it("durations of one length are read, months and years are not", () => {
    const read = (text: string) => Either.map(parseDuration(text), Duration.toMillis)
    assert.deepStrictEqual(
      ["90m", "12h", "30d"].map(read),
      [5_400_000, 43_200_000, 2_592_000_000].map((millis) => Either.right(millis))
    )
    for (const text of ["1mo", "1M", "2y", "30", "d", "-1d", "1.5h", ""]) assert.isTrue(Either.isLeft(read(text)), text)
  })
})
