import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { inventoryOf } from "../src/Inventory.ts"
import { select } from "../src/Selection.ts"
import { compileExpression } from "../src/SelectionCel.ts"
import { variables } from "../src/SelectionVariables.ts"
import { readingOf, seconds } from "./support.ts"

const day = 86_400
const inventory = inventoryOf(
  readingOf([
    { name: "ci-build", model_whitelist: ["gpt-4o", "gpt-4o-mini"], ip_whitelist: ["10.1.0.0/16", "2001:db8::7"] },
    { name: "web", is_active: false, last_used: seconds - 60, expires_at: seconds + 5 * day },
    { name: "fresh", last_used: null, created_at: seconds - day, used_ammount: 0 },
    { name: "mystery", last_used: null, created_at: null, used_ammount: 10 }
  ])
)
const ownerOf = ({ name }: { readonly name: string }) => (name === "web" ? "mara" : null)
const names = (where: string) =>
  Either.getOrThrow(select(inventory, { where }, ownerOf)).selected.map(({ key }) => key.name)
const refusal = (where: string) => Either.getOrThrow(Either.flip(select(inventory, { where }, ownerOf)))
const place = (where: string) => {
  const { place } = refusal(where)
  return place === null ? null : [place.line, place.column]
}

describe("SelectionCel", () => {
  it("every variable can be asked", () => {
    const questions: { readonly [name: string]: readonly [string, ReadonlyArray<string>] } = {
      id: [`id == "${inventory.keys[0]?.id}"`, ["ci-build"]],
      name: ['name.glob("{ci-*,web}")', ["ci-build", "web"]],
      state: ['state in ["disabled", "exhausted"]', ["web", "mystery"]],
      findings: ['"never-used" in findings', ["fresh", "mystery"]],
      owner: ['owner == "mara"', ["web"]],
      allocated: ["allocated == 10", ["ci-build", "web", "fresh", "mystery"]],
      used: ["used < allocated * 0.5 && used > 0", ["ci-build", "web"]],
      remaining: ["remaining + 1 > 10", ["fresh"]],
      models: ['models.exists(m, m.glob("*-mini"))', ["ci-build"]],
      addresses: ['addresses.exists(a, a.cidr("10.0.0.0/8"))', ["ci-build"]],
      unused: ["unused", ["fresh", "mystery"]],
      expires: ["expires", ["web"]],
      expired: ["!expired", ["ci-build", "web", "fresh", "mystery"]],
      unrestricted: ["!unrestricted", ["ci-build"]],
      now: ["lastUsedAt > now - hours(1) && !unused", ["web"]],
      createdAt: ['createdAt < timestamp("2026-11-01T00:00:00Z")', ["ci-build", "web"]],
      lastUsedAt: ['lastUsedAt < timestamp("2026-11-01T00:00:00+02:00")', ["ci-build"]],
      expiresAt: ["expiresAt < now + days(7)", ["web"]],
      age: ["age > days(30)", ["ci-build", "web"]],
      idle: ["idle >= days(40)", ["ci-build"]]
    }
    assert.deepStrictEqual(Object.keys(questions), Object.keys(variables))
    for (const [where, expected] of Object.values(questions)) assert.deepStrictEqual(names(where), expected, where)
  })

  it("what is not known looks young and used", () => {
    assert.deepStrictEqual(names('name == "mystery" && age < minutes(1) && idle < minutes(1)'), ["mystery"])
    assert.deepStrictEqual(names('name == "mystery" && expiresAt > now + days(36500)'), ["mystery"])
    assert.deepStrictEqual(names('name == "fresh" && idle == age && idle == duration("24h")'), ["fresh"])
  })

  it("times that a date can hardly hold are compared, not lost", () => {
    const odd = inventoryOf(readingOf([{ name: "old", created_at: -8_640_000_000_000, expires_at: 8_640_000_000_000 }]))
    const holds = (where: string) => Either.getOrThrow(select(odd, { where })).selected.length === 1
    assert.isTrue(holds("createdAt - days(36500) < now"))
    assert.isTrue(holds("expiresAt + days(36500) > now"))
    assert.isTrue(holds("age > days(36500)"))
  })

  it("an unknown name points at its place", () => {
    assert.deepStrictEqual(place('unused && stat == "x"'), [1, 11])
    assert.deepStrictEqual(place('unused &&\n  "🔑" != nam'), [2, 10])
    assert.strictEqual(refusal('unused && stat == "x"').place?.excerpt, 'unused && stat == "x"\n          ^')
    assert.include(refusal("stat").message, "line 1, column 1: unknown variable stat; there are id, name, state")
  })

  it("a wrong type points at its place", () => {
    assert.deepStrictEqual(place("unused && age > 30"), [1, 11])
    assert.include(refusal("age > 30").message, "no such overload: duration > int")
    assert.include(refusal("name").message, "it gives string, not true or false")
    assert.deepStrictEqual(place('name.glob("a") ||  name.glob(3)'), [1, 20])
  })

  it("what is not CEL points at its place", () => {
    assert.deepStrictEqual(place("name =="), [1, 8])
    assert.deepStrictEqual(place('name == "web'), [1, 9])
    assert.deepStrictEqual(place("unused unused"), [1, 8])
  })

  it("the place of a long line is in its excerpt", () => {
    const { place } = refusal(`${"unused || ".repeat(30)}nope`)
    const [line = "", caret = ""] = place?.excerpt.split("\n") ?? []
    assert.isBelow(line.length, 80)
    assert.isTrue(line.slice(caret.indexOf("^")).startsWith("nope"))
  })

  it("a state or finding that does not exist is refused: its opposite would be every key", () => {
    assert.deepStrictEqual(place('state != "disbled"'), [1, 10])
    assert.deepStrictEqual(place('!("idel" in findings)'), [1, 3])
    assert.deepStrictEqual(place('state in ["active", "gone"]'), [1, 21])
  })

  it("I3: an expression that asks nothing of a key is not a way to say all", () => {
    for (const where of ["true", "1 == 1", "now > now - days(1)", "[1].exists(x, x == 1)"]) {
      assert.include(refusal(where).message, "say that all are meant")
    }
    for (const where of ["", "  \n"]) assert.include(refusal(where).message, "it is empty")
  })

  it("an expression that fails on one key selects none, and names that key and the place", () => {
    const bad = inventoryOf(readingOf([{ name: "a" }, { name: "b", ip_whitelist: ["10.0.0.1", "intranet"] }]))
    const answer = select(bad, { where: 'name == "a" || addresses.all(x, x.cidr("10.0.0.0/8"))' })
    const { message, place } = Either.getOrThrow(Either.flip(answer))
    assert.include(message, `intranet is not an address or a range (asked of ${bad.keys[1]?.id}`)
    assert.deepStrictEqual([place?.line, place?.column], [1, 33])
  })

  it("it is asked of every key, those that other filters leave out among them", () => {
    const answer = select(inventory, { names: ["web"], where: "days(models.size() - 1) < age" }, ownerOf)
    assert.include(Either.getOrThrow(Either.flip(answer)).message, "-1 is not between")
  })

  it("what can run long is refused before it runs", () => {
    const refused: ReadonlyArray<readonly [string, string]> = [
      ['name.matches("^(a+)+$")', "matches is not available"],
      ['name == "x" || [name].exists(n, n.matches("(a+)+b"))', "matches is not available"],
      ["cel.bind(x, name + name, x == x)", "no method is called bind"],
      ["[name].map(x, x + x).map(x, x + x).size() == 1", "no method is called map"],
      ["models + models == models", "lists cannot be added"],
      ["models.filter(m, true) + models == models", "lists cannot be added"],
      ["[models].exists(m, m == m)", "a list of lists"],
      ["models.all(a, models.all(b, models.all(c, true)))", "at most 2 loops"],
      [`${"(".repeat(900)}unused${")".repeat(900)}`, "too large"],
      [`${"!".repeat(1900)}unused`, "too large"],
      [`unused${" || unused".repeat(190)}`, "too large"],
      [`1 in [${"1,".repeat(100)}1] || unused`, "too large"],
      [`unused ${"|| unused ".repeat(200)}`, "more than 2000 characters"],
      [`duration("${"1".repeat(1000)}") < age`, "a duration is written as"],
      ["duration(name) < age", "a duration is written as"],
      ['timestamp("2026-11-21 12:00:00.000 foo") < now && unused', "a time is written as"],
      ['timestamp("2026-13-41T12:00:00Z") < now && unused', "a time is written as"],
      ["used / allocated < 0.5", "division is by a number only"],
      ["used / 0 < 0.5", "division is by a number only"]
    ]
    for (const [where, words] of refused) assert.include(refusal(where).message, words, where.slice(0, 60))
  })

  it("there is no way to what lies behind a value", () => {
    const tries = [
      "name.constructor == name",
      'models["__proto__"] == models',
      "__proto__ == 1",
      "constructor",
      "this",
      "name.toString() == name",
      "google.protobuf.Timestamp == type(now)",
      "models[0] == name",
      "{name: 1}.size() == 1",
      "toString",
      "hasOwnProperty(name)",
      "type(name) == string",
      "dyn(name) == 1",
      'name["length"] == 1'
    ]
    for (const where of tries) assert.isNotNull(refusal(where), where)
  })

  it("a secret in an expression is refused and not repeated", () => {
    const { message, place } = refusal('name == "ek-proxy-0123456789abcdef"')
    assert.include(message, "looks like a secret")
    assert.notInclude(message, "0123456789")
    assert.isNull(place)
  })

  it("control characters of an expression reach no terminal", () => {
    const { message, place } = refusal("\u001b[31m\u202eunused")
    for (const harm of ["\u001b", "\u202e"]) assert.notInclude(message + place?.excerpt, harm)
  })

  const piece = FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.constantFrom(...Object.keys(variables)) },
    {
      weight: 5,
      arbitrary: FastCheck.constantFrom(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "+",
        "-",
        "*",
        "/",
        "%",
        "?",
        ":",
        ",",
        ".",
        "in",
        "m"
      )
    },
    {
      weight: 3,
      arbitrary: FastCheck.constantFrom(
        ".exists(m,",
        ".all(",
        ".filter(",
        ".size()",
        ".glob(",
        ".cidr(",
        ".matches(",
        "days(",
        "duration(",
        "timestamp(",
        "cel.bind(",
        "has(",
        "dyn(",
        "constructor",
        "__proto__"
      )
    },
    {
      weight: 2,
      arbitrary: FastCheck.constantFrom(
        '"*"',
        '"10.0.0.0/8"',
        "1",
        "0.5",
        "true",
        "null",
        '"""',
        "b'x'",
        "r'\\'",
        "0xff",
        "1u",
        "9223372036854775807",
        "//",
        "\n",
        "\\"
      )
    },
    { weight: 1, arbitrary: FastCheck.string({ maxLength: 6, unit: "binary" }) }
  )

  it.prop(
    "no text throws: it is a question or a refusal with a place",
    [FastCheck.array(piece, { maxLength: 40 })],
    ([pieces]) => {
      const text = pieces.join(" ")
      const [key] = inventory.keys
      const compiled = compileExpression(text)
      if (Either.isLeft(compiled)) {
        assert.isAbove(compiled.left.detail.length, 0)
        assert.isTrue(compiled.left.place === null || compiled.left.place.line >= 1)
        return
      }
      if (key === undefined) return
      const answer = compiled.right({ key, at: inventory.at, owner: null })
      assert.isTrue(Either.isLeft(answer) || typeof answer.right === "boolean")
    },
    { fastCheck: { numRuns: 3000 } }
  )

  it.prop(
    "the hardest that passes is answered at once",
    [FastCheck.nat(40), FastCheck.nat(8)],
    ([entries, terms]) => {
      const list = `[${Array.from({ length: entries }, (_, index) => index).join(",")}]`
      const sum = `name${" + name".repeat(terms)}`
      const where = `${list}.exists(a, ${list}.exists(b, a == b + 99 && (${sum}).glob("*a*a*a*a*a*b")))`
      const answer = select(inventory, { where })
      assert.isTrue(Either.isLeft(answer) || answer.right.selected.length === 0)
    },
    { fastCheck: { numRuns: 100 } }
  )
})
