import { assert, it } from "vitest"
import { type Inputs, makeWorld, type Ran } from "./World.ts"

const shown = ({ outputs, stderr, stdout, summary }: Ran) => `${stdout}${stderr}${summary}${JSON.stringify(outputs)}`

it("I8: the master key is masked before anything else, and no secret is anywhere else, on disk neither", async () => {
  const world = await makeWorld()
  const secrets = (await world.accounts()).flatMap(({ apiKey, keys }) => [apiKey, ...keys.map(({ key }) => key)])
  const [first = ""] = (await world.accounts())[0]?.keys.map(({ key }) => key) ?? []
  const planned = await world.run({
    ...world.base,
    command: "plan",
    action: "delete",
    names: "*",
    reason: `leaked ${first}`
  })
  const steps = [
    await world.run({ ...world.base, command: "audit" }),
    planned,
    await world.run({ ...world.base, command: "plan", action: "delete", keys: first, reason: "a test" }),
    await world.run({ ...world.base, command: "backup" }),
    await world.run({
      ...world.base,
      command: "apply",
      "plan-path": planned.outputs["plan-path"] ?? "",
      confirm: planned.outputs["plan-hash"] ?? ""
    }),
    await world.run({ ...world.base, command: world.apiKey, "base-url": `${world.url}?key=${first}`, confirm: first })
  ]
  assert.deepStrictEqual(
    steps.map(({ outputs }) => outputs["outcome"]),
    ["done", "done", "refused", "done", "done", "refused"]
  )
  for (const ran of steps) {
    const [mask, ...rest] = ran.stdout.split("\n")
    assert.strictEqual(mask, `::add-mask::${world.apiKey}`)
    const text = shown({ ...ran, stdout: rest.join("\n") })
    for (const secret of secrets) assert.notInclude(text, secret)
  }
  for (const { path, text } of world.files()) for (const secret of secrets) assert.isFalse(text.includes(secret), path)
})

const hostile = [
  "::error::pwned",
  "::set-output name=x::y",
  "##[add-path]evil",
  "<script>alert(1)</script>",
  "![x](http://e.vil/p.png)",
  "|a|b|`c`",
  "[x](javascript:1)",
  "@octocat closes #1",
  "\u202Eevil\u2066",
  "\u001b]8;;http://e.vil\u0007"
]

it("names of keys speak no workflow command, no HTML and no Markdown", async () => {
  const world = await makeWorld(["--seed", "empty", "--rpm", "1000"])
  for (const name of hostile) await world.create(name)
  const planned = await world.run({
    ...world.base,
    command: "plan",
    action: "disable",
    all: "true",
    reason: "::error::reason\n::error::two"
  })
  const literal = await world.run({
    ...world.base,
    command: "plan",
    action: "disable",
    keys: "::error::key\n##[error]b",
    reason: "a test"
  })
  const applied = await world.run({
    ...world.base,
    command: "apply",
    "plan-path": planned.outputs["plan-path"] ?? "",
    confirm: planned.outputs["plan-hash"] ?? ""
  })
  const steps = [await world.run({ ...world.base, command: "audit" }), planned, literal, applied]
  assert.deepStrictEqual(
    steps.map(({ outputs }) => outputs["outcome"]),
    ["done", "done", "refused", "done"]
  )
  for (const { stdout, summary } of steps) {
    const commands = stdout.split("\n").filter((line) => /^\s*::|##\[/.test(line))
    assert.deepStrictEqual(
      commands.filter(
        (line) => !line.startsWith("::add-mask::") && !line.startsWith("::error title=Keysweep%3A refused::")
      ),
      []
    )
    assert.notMatch(summary, /<(?!\/?code>)|!\[|\]\(|javascript:|\p{Cf}|@octocat/u)
    assert.notInclude(summary, "\u001b")
    for (const table of summary.split(/\n{2,}/).filter((part) => part.startsWith("| "))) {
      const columns = table
        .trim()
        .split("\n")
        .map((row) => row.split("|").length)
      assert.strictEqual(new Set(columns).size, 1, table)
    }
  }
  assert.include(planned.summary, "&#60;script&#62;alert&#40;1&#41;&#60;&#47;script&#62;")
})

const publicly = { repository: { private: false } }

it("names of keys are shown nowhere when the repository is public", async () => {
  const world = await makeWorld()
  const names = ((await world.accounts())[0]?.keys ?? []).map(({ name }) => name)
  const run = (inputs: Inputs) =>
    world.run({ ...world.base, "signing-key": world.signingKey, ...inputs }, { event: publicly })
  const planned = await run({ command: "plan", action: "delete", names: "*", reason: "a test" })
  const next = {
    command: "apply",
    "plan-path": planned.outputs["plan-path"] ?? "",
    confirm: planned.outputs["plan-hash"] ?? ""
  }
  const steps = [
    planned,
    await run({ command: "audit" }),
    await run({ command: "plan", action: "enable", keys: names[0] ?? "", reason: "a test" }),
    await run(next),
    await run(next)
  ]
  assert.deepStrictEqual(
    steps.map(({ outputs }) => outputs["outcome"]),
    ["done", "done", "nothing", "done", "stale"]
  )
  for (const ran of steps) assert.deepStrictEqual(named(ran, names), [])
})

it("names of keys are shown only where the event says that the repository is private", async () => {
  const world = await makeWorld()
  const names = ((await world.accounts())[0]?.keys ?? []).map(({ name }) => name)
  const audit = async (event: unknown) => named(await world.run({ ...world.base, command: "audit" }, { event }), names)
  assert.sameMembers(await audit({ repository: { private: true } }), names)
  assert.deepStrictEqual(await audit({ repository: { private: true, visibility: "public" } }), [])
  assert.deepStrictEqual(await audit({}), [])
})

/** Which of the names a step has shown, however escaped. */
const named = (ran: Ran, names: ReadonlyArray<string>) => {
  const text = shown(ran).replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  return names.filter((name) => text.includes(name))
}
