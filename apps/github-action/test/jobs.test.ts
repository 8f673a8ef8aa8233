import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { node24 } from "@keysweep/node24"
import { Decrypter } from "age-encryption"
import { assert, expect, it } from "vitest"
import { type Inputs, makeWorld, type Ran, type RunOptions, type World } from "./World.ts"

/** One job of a run: its own machine, as far as files are concerned. What applies runs on the runner's Node, where it is. */
const makeJob = (world: World, name: string, attempt = 1) => {
  const temp = join(world.folder, name)
  mkdirSync(temp)
  return (inputs: Inputs, options: RunOptions = {}) =>
    world.run(
      { ...world.base, "signing-key": world.signingKey, ...inputs },
      {
        node: /apply|day/.test(name) ? (node24 ?? process.execPath) : process.execPath,
        ...options,
        env: { RUNNER_TEMP: temp, GITHUB_RUN_ID: "7", GITHUB_RUN_ATTEMPT: String(attempt), ...options.env }
      }
    )
}

/** What `actions/upload-artifact` and `actions/download-artifact` do with a file. */
const carry = (world: World, from: string | undefined, name: string): string => {
  const path = join(world.folder, name)
  copyFileSync(from ?? "", path)
  return path
}

const ended = (ran: Ran, outcome: string, exit: number) =>
  assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], [outcome, exit], ran.stdout + ran.stderr)

const keys = async (world: World) => (await world.accounts())[0]?.keys.length

const planned = { command: "plan", action: "delete", names: "hackathon-*", reason: "a test" }

it("I11: plan and apply on two machines: done once; replayed, tampered with, unconfirmed, drifted or without its past it is refused", async () => {
  const world = await makeWorld(["--rpm", "1000"])
  const plan = await makeJob(world, "plan")(planned)
  ended(plan, "done", 0)
  const next = {
    command: "apply",
    "plan-path": carry(world, plan.outputs["plan-path"], "plan.json"),
    confirm: plan.outputs["plan-hash"] ?? "",
    "state-in": carry(world, plan.outputs["state-path"], "planned.age")
  }
  const tampered = join(world.folder, "tampered.age")
  writeFileSync(
    tampered,
    readFileSync(next["state-in"]).map((byte, at) => (at === 400 ? byte ^ 1 : byte))
  )
  ended(await makeJob(world, "tampered")({ ...next, "state-in": tampered }), "records", 7)
  ended(await makeJob(world, "gone")({ ...next, "state-in": join(world.folder, "gone.age") }), "records", 7)
  ended(await makeJob(world, "stranger")({ ...next, "signing-key": otherKey }), "records", 7)
  const edited = join(world.folder, "edited.json")
  writeFileSync(edited, readFileSync(next["plan-path"], "utf8").replace("hackathon-2026-03", "production-web"))
  ended(await makeJob(world, "edited")({ ...next, "plan-path": edited }), "stale", 4)
  ended(await makeJob(world, "unconfirmed")({ ...next, confirm: "0".repeat(64) }), "stale", 4)
  assert.strictEqual(await world.writes(), 0)
  await world.toggle("hackathon-2026-03")
  ended(await makeJob(world, "drifted")(next), "stale", 4)
  await world.toggle("hackathon-2026-03")
  assert.strictEqual(await world.writes(), 2)

  // Whoever can open a sealed file can put something else in its place, and people can open backups.
  const person = new Decrypter()
  person.addIdentity(world.identity)
  await expect(person.decrypt(readFileSync(next["state-in"]))).rejects.toThrow("no identity matched")

  const before = (await keys(world)) ?? 0
  const applied = await makeJob(world, "apply")(next)
  ended(applied, "done", 0)
  const after = (await keys(world)) ?? 0
  assert.isBelow(after, before)
  const receipt = JSON.parse(readFileSync(applied.outputs["receipt-path"] ?? "", "utf8"))
  assert.deepStrictEqual([receipt.plan, receipt.anchor], [next.confirm, applied.outputs["log-anchor"]])
  assert.include(applied.summary, applied.outputs["log-anchor"]?.replace(":", "&#58;") ?? "no anchor")

  const anchor = applied.outputs["log-anchor"] ?? ""
  const state = carry(world, applied.outputs["state-path"], "applied.age")
  const writes = await world.writes()
  ended(await makeJob(world, "replay")({ ...next, "state-in": state, anchor }), "stale", 4)
  // The job is run again: its first attempt's input does not know of that attempt.
  ended(await makeJob(world, "again", 2)(next), "records", 7)
  ended(await makeJob(world, "again-knowing", 2)({ ...next, "state-in": state }), "stale", 4)
  ended(await makeJob(world, "put-back")({ ...next, anchor }), "records", 7)
  ended(await makeJob(world, "lost")({ ...next, "state-in": "", anchor }), "records", 7)
  assert.deepStrictEqual([await keys(world), await world.writes()], [after, writes])

  const verify = (inputs: Inputs) =>
    world.run(
      { command: "verify-log", ...inputs },
      { node: node24 ?? process.execPath, env: { RUNNER_TEMP: join(world.folder, "replay") } }
    )
  const bundle = { "log-bundle": applied.outputs["log-path"] ?? "" }
  const sound = await verify({ ...bundle, anchor })
  ended(sound, "done", 0)
  assert.strictEqual(sound.outputs["log-anchor"], anchor)
  ended(await verify({ ...bundle, anchor: `9999:${"0".repeat(64)}` }), "records", 7)
  const forged = join(world.folder, "forged.bundle")
  writeFileSync(forged, readFileSync(bundle["log-bundle"], "utf8").replace("octocat", "mallory"))
  ended(await verify({ "log-bundle": forged }), "records", 7)
})

it("a step that is cancelled while it acts leaves what it did: state, log and anchor", async () => {
  const world = await makeWorld(["--rpm", "4"])
  const job = makeJob(world, "job")
  const plan = await job({ command: "plan", action: "disable", all: "true", reason: "a test" })
  let signalled = false
  const cancelled = await job(
    { command: "apply", "plan-path": plan.outputs["plan-path"] ?? "", confirm: plan.outputs["plan-hash"] ?? "" },
    {
      env: { KEYSWEEP_TIME_SCALE: "1" },
      watch: (printed, kill) => {
        if (signalled || !printed.includes("waiting")) return
        signalled = true
        kill("SIGINT")
      }
    }
  )
  ended(cancelled, "interrupted", 130)
  const verified = await makeJob(
    world,
    "later"
  )({
    command: "verify-log",
    "api-key": "",
    recipients: "",
    "base-url": "",
    "state-in": cancelled.outputs["state-path"] ?? "",
    anchor: cancelled.outputs["log-anchor"] ?? ""
  })
  ended(verified, "done", 0)
})

it("a step that would have to wait beyond its deadline ends as limit at once, with receipt and state", async () => {
  const world = await makeWorld(["--rpm", "4"])
  const job = makeJob(world, "job")
  const plan = await job({ command: "plan", action: "disable", all: "true", reason: "a test" })
  const next = { "plan-path": plan.outputs["plan-path"] ?? "", confirm: plan.outputs["plan-hash"] ?? "" }
  // A window is a minute on this clock: the step does not wait for it, and fails in good time before the job does.
  const limited = await job({ command: "apply", deadline: "30s", ...next }, { env: { KEYSWEEP_TIME_SCALE: "1" } })
  ended(limited, "limit", 6)
  assert.notInclude(limited.stdout, "waiting")
  const receipt = JSON.parse(readFileSync(limited.outputs["receipt-path"] ?? "", "utf8"))
  assert.strictEqual(receipt.outcome, "limit")
  assert.include(limited.errors.join(), receipt.run)
  assert.notStrictEqual(limited.outputs["state-path"], "")
})

it("in a public repository what names keys is sealed, and the next job opens it with the signing key", async () => {
  const world = await makeWorld(["--rpm", "1000"])
  const event = { repository: { private: false } }
  const plan = await makeJob(world, "plan")(planned, { event })
  ended(plan, "done", 0)
  const next = {
    command: "apply",
    "plan-path": plan.outputs["plan-path"] ?? "",
    confirm: plan.outputs["plan-hash"] ?? ""
  }
  ended(await makeJob(world, "without")({ ...next, "signing-key": "" }, { event }), "refused", 2)
  const applied = await makeJob(world, "apply")({ ...next, "state-in": plan.outputs["state-path"] ?? "" }, { event })
  ended(applied, "done", 0)
  const uploaded = [plan, applied].map(({ outputs }) => outputs["records-path"] ?? "missing")
  const files = world.files().filter(({ path }) => uploaded.some((folder) => path.startsWith(folder)))
  assert.isAtLeast(files.length, 5)
  for (const { path, text } of files) assert.isTrue(text.startsWith("age-encryption.org/v1"), path)
})

it("what is disabled now and deleted later is begun only where the log is handed on, and ended by it alone", async () => {
  const world = await makeWorld(["--rpm", "1000"])
  const plan = await makeJob(
    world,
    "plan"
  )({
    ...planned,
    action: "disable",
    // A second, on this clock.
    "delete-after": "1m"
  })
  ended(plan, "done", 0)
  const next = {
    command: "apply",
    "plan-path": plan.outputs["plan-path"] ?? "",
    confirm: plan.outputs["plan-hash"] ?? ""
  }
  ended(await makeJob(world, "forgetful")({ ...next, "signing-key": "" }), "records", 7)
  assert.strictEqual(await world.writes(), 0)
  const before = (await keys(world)) ?? 0
  const applied = await makeJob(world, "apply")({ ...next, "state-in": plan.outputs["state-path"] ?? "" })
  ended(applied, "done", 0)
  assert.strictEqual(await keys(world), before)

  ended(await makeJob(world, "lost")({ command: "run-due" }), "records", 7)
  const hosted = { command: "run-due", home: join(world.folder, "home") }
  ended(await makeJob(world, "hosted")(hosted, { env: { RUNNER_ENVIRONMENT: "github-hosted" } }), "records", 7)
  let state = applied.outputs["state-path"] ?? ""
  for (let day = 1; ; day++) {
    const due = await makeJob(world, `day-${day}`)({ command: "run-due", "state-in": state })
    state = due.outputs["state-path"] ?? ""
    if (due.outputs["outcome"] === "nothing" && day < 100) continue
    ended(due, "done", 0)
    assert.deepInclude(JSON.parse(due.outputs["summary-counts"] ?? ""), {
      deleted: before - ((await keys(world)) ?? 0)
    })
    break
  }
  assert.isBelow((await keys(world)) ?? 0, before)
})

it("a database that does not answer is no reason to begin a log elsewhere; its password is masked", async () => {
  const world = await makeWorld()
  const store = "postgres://keysweep:hunter2%40hunter2@127.0.0.1:9/keysweep"
  const ran = await makeJob(world, "job")({ ...planned, store })
  ended(ran, "records", 7)
  const [first, ...rest] = ran.stdout.split("\n").filter((line) => !line.startsWith("::add-mask::"))
  assert.notInclude(`${first}${rest.join()}${ran.summary}${JSON.stringify(ran.outputs)}`, "hunter2")
  for (const form of ["hunter2%2540hunter2", "hunter2@hunter2"]) assert.include(ran.stdout, `::add-mask::${form}`)
})

/** Ed25519, of nobody. */
const otherKey = Buffer.alloc(32, 7).toString("base64")
