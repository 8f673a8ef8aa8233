import { readFileSync } from "node:fs"
import { join } from "node:path"
import { node24 } from "@keysweep/node24"
import { assert, it } from "vitest"
import { type FakeGitHub, makeGitHub } from "./FakeGitHub.ts"
import { type Inputs, makeWorld, type Ran, type World } from "./World.ts"

const places = [
  ["github:alice/keys#{NAME}_KEY", "/repos/alice/keys/actions/secrets/CI_RUNNER_KEY"],
  ["github:alice/keys/environments/eu prod#KEY", "/repos/alice/keys/environments/eu%20prod/secrets/KEY"],
  ["github:orgs/alice#KEY", "/orgs/alice/actions/secrets/KEY"]
] as const

const rotation = {
  command: "plan",
  action: "rotate",
  names: "ci runner",
  reason: "a test",
  sinks: places.map(([sink]) => sink).join("\n")
}

/** A machine whose disk stays, and an account with one key. */
const makeRotation = async (seed: ReadonlyArray<string> = ["ci runner"]) => {
  const world = await makeWorld(["--seed", "empty", "--rpm", "1000"])
  const github = await makeGitHub()
  for (const name of seed) await world.create(name)
  const home = join(world.folder, "home")
  const run = (inputs: Inputs, more: Inputs = {}, node: string | undefined = undefined) =>
    world.run({ ...world.base, home, ...inputs }, { env: { ...github.env, ...more }, node: node ?? process.execPath })
  const plan = async (inputs: Inputs = rotation) => {
    const ran = await run(inputs)
    ended(ran, "done", 0)
    return {
      command: "apply",
      "plan-path": ran.outputs["plan-path"] ?? "",
      confirm: ran.outputs["plan-hash"] ?? "",
      "secrets-token": github.secretsToken
    }
  }
  return { world, github, home, run, plan }
}

const ended = (ran: Ran, outcome: string, exit: number) =>
  assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], [outcome, exit], ran.stdout + ran.stderr)

const keys = async (world: World) => (await world.accounts())[0]?.keys ?? []
const active = async (world: World) => (await keys(world)).map((key) => key.is_active)

const puts = ({ asked }: FakeGitHub) => asked.filter((it) => it.startsWith("PUT")).length

it("I8: a rotated key's value arrives in repository, environment and organisation, and is nowhere else but in a mask", async () => {
  const { github, plan, run, world } = await makeRotation()
  const next = await plan({ ...rotation, "delete-after": "1m" })
  assert.deepStrictEqual([await world.writes(), puts(github)], [0, 0])
  const ran = await run(next, {}, node24)
  ended(ran, "done", 0)
  const [old, heir] = await keys(world)
  const value = heir?.key ?? "no new key"
  assert.deepStrictEqual([old?.is_active, heir?.is_active, heir?.name], [false, true, "ci runner"])
  assert.deepStrictEqual(
    [...github.secrets],
    places.map(([, path]) => [path, value])
  )
  assert.include(ran.stdout, `::add-mask::${value}\n`)
  const shown = JSON.stringify([
    ran.stdout.replaceAll(`::add-mask::${value}`, ""),
    ran.stderr,
    ran.summary,
    ran.outputs
  ])
  for (const secret of [value, old?.key ?? "", github.secretsToken]) {
    assert.notInclude(shown.replace(`::add-mask::${github.secretsToken}`, ""), secret)
    for (const { path, text } of world.files()) assert.isFalse(text.includes(secret), path)
  }
  assert.match(ran.summary, /1 of 1 keys\*\* .* rotated, proven by a fresh reading/)
  const receipt = JSON.parse(readFileSync(ran.outputs["receipt-path"] ?? "", "utf8"))
  assert.lengthOf(receipt.keys[0].delivered, 3)
  ended(await run(next), "stale", 4)

  for (let day = 1; day < 100 && (await keys(world)).length > 1; day++) await run({ command: "run-due" })
  assert.deepStrictEqual(
    (await keys(world)).map(({ key }) => key),
    [value]
  )
})

it("what GitHub would not take is found before a key is made: permission, public key, rate limit, token", async () => {
  const { github, plan, run, world } = await makeRotation()
  const next = await plan()
  for (const [answer, says] of [
    [{ status: 403, body: { message: "Resource not accessible by personal access token" } }, /needs write access/],
    [{ status: 200, body: {} }, /no public key/],
    [{ status: 403, body: {}, headers: { "x-ratelimit-remaining": "0", "retry-after": "61" } }, /rate limit .* 61 s/]
  ] as const) {
    github.faults.splice(0, 1, { match: /public-key/, with: answer })
    const ran = await run(next)
    ended(ran, "refused", 2)
    assert.match(ran.errors.join(), says)
  }
  github.faults.length = 0
  const without = await run({ ...next, "secrets-token": "" })
  ended(without, "refused", 2)
  assert.match(without.errors.join(), /there is no token/)
  assert.deepStrictEqual([await world.writes(), await active(world), puts(github)], [0, [true], 0])
  // The plan was not used by any of these.
  ended(await run({ ...next, "secrets-token": "" }, { KEYSWEEP_GITHUB_TOKEN: github.secretsToken }), "done", 0)
})

it("C36: a value that does not arrive leaves the old key alone, and resume goes on when GitHub takes it", async () => {
  const { github, plan, run, world } = await makeRotation()
  const next = await plan()
  const before = (await keys(world))[0]?.key
  github.faults.push({ match: /^PUT \/orgs\//, with: { status: 403, body: { message: "no" } } })
  const failed = await run(next)
  ended(failed, "failed", 1)
  assert.match(failed.summary, /needs write access.*old key was not touched/)
  assert.include(failed.summary, "<code>resume</code>")
  assert.deepStrictEqual(await active(world), [true, true])
  const receipt = JSON.parse(readFileSync(failed.outputs["receipt-path"] ?? "", "utf8"))
  const again = await run({ ...rotation, names: "", keys: receipt.keys[0].id })
  ended(again, "refused", 2)
  assert.include(again.errors.join(), `resume ${receipt.run}`)

  github.faults.splice(0, 1, { match: /^PUT \/orgs\//, with: "lost" })
  ended(await run({ command: "resume", "secrets-token": github.secretsToken }), "failed", 1)
  assert.deepStrictEqual(await active(world), [true, true])

  github.faults.length = 0
  ended(await run({ command: "resume", run: receipt.run, "secrets-token": github.secretsToken }, {}, node24), "done", 0)
  const [old, heir] = await keys(world)
  assert.deepStrictEqual([old?.key, old?.is_active, heir?.is_active], [before, false, true])
  assert.deepStrictEqual(new Set(github.secrets.values()), new Set([heir?.key]))
  ended(await run({ command: "resume" }), "refused", 2)
})

it("new keys are made only where it is known what was made before, and is known later", async () => {
  const { github, plan, world } = await makeRotation(["ci runner", "old"])
  const job = (inputs: Inputs, env: Inputs = {}) =>
    world.run(
      { ...world.base, "signing-key": world.signingKey, ...inputs },
      { env: { ...github.env, RUNNER_TEMP: join(world.folder, "temp"), ...env } }
    )
  const next = await plan()
  const refused = async (ran: Promise<Ran>, says: RegExp) => {
    const it = await ran
    ended(it, "records", 7)
    assert.match(it.errors.join(), says)
  }
  const second = { GITHUB_RUN_ATTEMPT: "2" }
  await refused(job({ ...next, "signing-key": "" }), /outlives the runner/)
  await refused(job(next, second), /attempt 2 of the run/)
  await refused(job(rotation, second), /attempt 2 of the run/)
  await refused(job({ ...rotation, action: "recreate", all: "true", names: "" }), /in the log alone/)
  await refused(job({ command: "resume" }), /in the log alone/)
  await refused(
    job({ command: "plan", action: "undo", run: "run_0mhzzzzzz_0123456789", reason: "a test" }),
    /in the log alone/
  )
  assert.deepStrictEqual([await world.writes(), await active(world)], [0, [true, true]])
})

it("a deleted key is made again from the log, with a new value", async () => {
  const { github, home, plan, run, world } = await makeRotation()
  const deletion = await plan({ command: "plan", action: "delete", names: "ci runner", reason: "a test" })
  const { "secrets-token": _, ...apply } = deletion
  ended(await run(apply), "done", 0)
  assert.deepStrictEqual(await keys(world), [])
  const next = await plan({ ...rotation, action: "recreate" })
  const made = await run(next)
  ended(made, "done", 0)
  assert.match(made.summary, /recreated/)
  const [heir] = await keys(world)
  assert.deepStrictEqual(new Set(github.secrets.values()), new Set([heir?.key]))
  assert.isFalse(world.files().some(({ path, text }) => path.startsWith(home) && text.includes(heir?.key ?? "none")))
  ended(await run({ ...rotation, action: "recreate" }), "nothing", 0)
})

it("in a public repository a page of a rotation names neither key nor secret", async () => {
  const { github, world } = await makeRotation(["ci runner", "ci-runner"])
  const event = { repository: { private: false } }
  const inputs = { ...world.base, home: join(world.folder, "home"), "signing-key": world.signingKey }
  const publicly = (more: Inputs) => world.run({ ...inputs, ...more }, { event, env: github.env })
  const clash = await publicly({ ...rotation, names: "ci*", sinks: "github:alice/keys#{NAME}" })
  ended(clash, "refused", 2)
  const planned = await publicly(rotation)
  ended(planned, "done", 0)
  const next = {
    command: "apply",
    "plan-path": planned.outputs["plan-path"] ?? "",
    confirm: planned.outputs["plan-hash"] ?? "",
    "secrets-token": github.secretsToken
  }
  github.faults.push({ match: /public-key/, with: { status: 200, body: {} } })
  const refused = await publicly(next)
  ended(refused, "refused", 2)
  assert.match(refused.errors.join(), /no public key/)
  github.faults.length = 0
  const applied = await publicly(next)
  ended(applied, "done", 0)
  for (const { outputs, stdout, summary } of [clash, planned, refused, applied]) {
    const text = `${stdout}${JSON.stringify(outputs)}${summary}`.replaceAll(/&#(\d+);/g, (_, code) =>
      String.fromCharCode(Number(code))
    )
    assert.notMatch(text, /ci.runner/i)
  }
})
