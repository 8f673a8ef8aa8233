import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { node24 } from "@keysweep/node24"
import { Decrypter } from "age-encryption"
import { assert, describe, it } from "vitest"
import { type Inputs, makeWorld, type Ran, sharedWorld, type World } from "./World.ts"

const planned = { command: "plan", action: "delete", names: "hackathon-*\nold-mobile-app\nstaging", reason: "a test" }

/** Plans in one step and gives what the apply step needs. */
const plan = async (world: World, inputs: object = planned, node: string | undefined = process.execPath) => {
  const ran = await world.run({ ...world.base, ...inputs }, { node })
  assert.strictEqual(ran.exit, 0, ran.stdout + ran.stderr)
  return { command: "apply", "plan-path": ran.outputs["plan-path"] ?? "", confirm: ran.outputs["plan-hash"] ?? "" }
}

const names = async (world: World) => ((await world.accounts())[0]?.keys ?? []).map(({ name }) => name)

const ended = (ran: Ran, outcome: string, exit: number) =>
  assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], [outcome, exit], ran.stdout + ran.stderr)

const runtimes: ReadonlyArray<readonly [string, string | undefined]> = [
  [`the Node of this machine, ${process.version}`, process.execPath],
  [node24 === undefined ? "Node 24: NOT RUN, npm has it for Linux x64 only" : "Node 24", node24]
]

describe.each(runtimes)("%s", (_, node) => {
  const absent = node === undefined

  it.skipIf(absent)("audits: counts, a page, and nothing written", async () => {
    const world = await makeWorld()
    const ran = await world.run({ ...world.base, command: "audit" }, { node })
    ended(ran, "done", 0)
    const counts = JSON.parse(ran.outputs["summary-counts"] ?? "")
    assert.strictEqual(counts.keys, (await names(world)).length)
    assert.include(ran.summary, "production&#45;web")
    assert.strictEqual(await world.writes(), 0)
  })

  it.skipIf(absent)(
    "plans in one step and applies in another: backup, anchor and page, proven by the upstream",
    async () => {
      const world = await makeWorld()
      const before = await names(world)
      const next = await plan(world, planned, node)
      assert.strictEqual(await world.writes(), 0)

      const ran = await world.run({ ...world.base, ...next }, { node })
      ended(ran, "done", 0)
      assert.deepStrictEqual(
        await names(world),
        before.filter((name) => !/^(?:hackathon-|old-mobile-app$|staging$)/.test(name))
      )
      assert.deepInclude(JSON.parse(ran.outputs["summary-counts"] ?? ""), {
        done: before.length - (await names(world)).length,
        open: 0
      })
      assert.match(ran.outputs["log-anchor"] ?? "", /^\d+:[0-9a-f]{64}$/)
      assert.include(ran.summary, "proven by a fresh reading")

      const decrypter = new Decrypter()
      decrypter.addIdentity(world.identity)
      const opened = await decrypter.decrypt(readFileSync(ran.outputs["backup-path"] ?? ""), "text")
      assert.include(opened, "hackathon-2026-03")
    }
  )

  it.skipIf(absent)("takes a backup for the recipients alone", async () => {
    const world = await makeWorld()
    const ran = await world.run({ ...world.base, command: "backup" }, { node })
    ended(ran, "done", 0)
    assert.strictEqual(JSON.parse(ran.outputs["summary-counts"] ?? "").keys, (await names(world)).length)
    assert.isTrue(readFileSync(ran.outputs["backup-path"] ?? "", "latin1").includes("age-encryption.org/v1"))
    const kept = world.files().filter(({ path }) => path.startsWith(join(world.folder, "temp")))
    assert.isFalse(kept.some(({ text }) => text.includes("AGE-SECRET-KEY-")))
    assert.match(ran.outputs["log-anchor"] ?? "", /^\d+:/)
  })

  it.skipIf(absent)(
    "I11: a wrong hash, an edited plan, a second run, and another account are stale and change nothing",
    async () => {
      const world = await makeWorld()
      const next = await plan(world, planned, node)
      const before = await names(world)
      ended(await world.run({ ...world.base, ...next, confirm: "0".repeat(64) }, { node }), "stale", 4)

      const edited = join(world.folder, "edited.json")
      const text = readFileSync(next["plan-path"], "utf8")
      writeFileSync(edited, text.replace('"name": "staging"', '"name": "production-web"'))
      ended(await world.run({ ...world.base, ...next, "plan-path": edited }, { node }), "stale", 4)

      const other = (await world.accounts())[1]?.apiKey ?? ""
      ended(await world.run({ ...world.base, ...next, "api-key": other }, { node }), "stale", 4)
      assert.deepStrictEqual([await names(world), await world.writes()], [before, 0])

      ended(await world.run({ ...world.base, ...next }, { node }), "done", 0)
      const after = await names(world)
      ended(await world.run({ ...world.base, ...next }, { node }), "stale", 4)
      assert.deepStrictEqual(await names(world), after)
    }
  )
})

it("I11: keys that changed since they were planned are stale, and the page says what differs", async () => {
  const world = await makeWorld()
  const next = await plan(world)
  await world.toggle("staging")
  const before = await world.writes()
  const ran = await world.run({ ...world.base, ...next })
  ended(ran, "stale", 4)
  assert.include(ran.summary, "active&#58; true → false")
  assert.strictEqual(await world.writes(), before)
})

it("I10: a run that did some of its keys fails the step and says which", async () => {
  const world = await makeWorld()
  const next = await plan(world)
  await world.control("faults", [{ kind: "status", status: 400, skip: 1, match: { method: "POST", path: "*/remove" } }])
  const ran = await world.run({ ...world.base, ...next })
  ended(ran, "partial", 1)
  assert.deepInclude(JSON.parse(ran.outputs["summary-counts"] ?? ""), { open: 1 })
  assert.match(ran.summary, /failed/)
  assert.strictEqual(ran.errors.length, 1)
})

it("an incident: a key is contained to what its owner needs, and undo gives back exactly that", async () => {
  const world = await makeWorld(["--rpm", "1000"])
  const base = { ...world.base, home: join(world.folder, "home") }
  const key = async () =>
    JSON.stringify((await world.accounts())[0]?.keys.find(({ name }) => name === "production-web"))
  const carryOut = async (inputs: Inputs) => {
    const planned = await world.run({ ...base, command: "plan", reason: "a test", ...inputs })
    ended(planned, "done", 0)
    const { "plan-hash": confirm = "", "plan-path": path = "" } = planned.outputs
    const ran = await world.run({ ...base, command: "apply", "plan-path": path, confirm })
    ended(ran, "done", 0)
    return { planned, run: JSON.parse(readFileSync(ran.outputs["receipt-path"] ?? "", "utf8")).run }
  }
  const before = await key()
  const { planned, run } = await carryOut({
    action: "contain",
    keys: "production-web",
    addresses: "203.0.113.7\n203.0.113.8",
    expires: "7d",
    "limit-type": "monthly"
  })
  assert.include(planned.summary, "→ 203&#46;0&#46;113&#46;7&#44; 203&#46;0&#46;113&#46;8")
  assert.match(await key(), /"203\.0\.113\.7","203\.0\.113\.8"/)
  await carryOut({ action: "undo", run })
  assert.strictEqual(await key(), before)

  const wrong = await world.run({
    ...base,
    command: "plan",
    action: "contain",
    reason: "a test",
    keys: "production-web",
    expires: "soon",
    budget: "much",
    wait: "1h",
    sinks: "terminal",
    run
  })
  ended(wrong, "refused", 2)
  assert.sameMembers(
    [...wrong.stdout.matchAll(/^::error title=Input ([\w-]+)/gm)].map(([, input]) => input ?? ""),
    ["expires", "budget", "wait", "sinks", "sinks", "run"]
  )
})

describe("what changes nothing", () => {
  const shared = sharedWorld()

  it.each<readonly [string, object, string, number]>([
    ["no API key", { "api-key": "" }, "refused", 2],
    ["a proxy key for the API key", { "api-key": "ek-proxy-0123456789abcdef" }, "refused", 2],
    ["an API key that nobody knows", { "api-key": "ek-nobody-knows-this-one" }, "credentials", 5],
    ["a base URL without TLS", { "base-url": "http://example.com/v1" }, "refused", 2],
    ["a plan that is not there", { command: "apply", "plan-path": "missing.json", confirm: "0" }, "refused", 2],
    ["no selection", { command: "plan", action: "delete", reason: "a test" }, "refused", 2],
    [
      "a key that does not exist",
      { command: "plan", action: "delete", reason: "a test", keys: "nobody" },
      "refused",
      2
    ],
    [
      "delete-all with a selection",
      { command: "plan", action: "delete-all", reason: "a test", keys: "staging" },
      "refused",
      2
    ],
    [
      "a filter that matches nothing",
      { command: "plan", action: "delete", reason: "a test", names: "no-such-*" },
      "nothing",
      0
    ]
  ])("I3: with %s nothing is written and no plan is made", async (_, inputs, outcome, exit) => {
    const world = shared()
    const ran = await world.run({ ...world.base, command: "audit", ...inputs })
    ended(ran, outcome, exit)
    assert.strictEqual(ran.outputs["plan-path"], "")
    assert.strictEqual(ran.errors.length, exit === 0 ? 0 : 1)
    assert.strictEqual(await world.writes(), 0)
  })

  it("names every mistake in the inputs in one go, one annotation each, without a request", async () => {
    const world = shared()
    const before = (await world.requests()).length
    const ran = await world.run({
      command: "aply",
      "api-key": "ek-proxy-0123456789abcdef",
      recipients: `${world.identity}`,
      home: "here",
      expired: "yes"
    })
    ended(ran, "refused", 2)
    assert.deepStrictEqual(
      [...ran.stdout.matchAll(/^::error title=Input ([\w%,-]+)/gm)].map(([, input]) => input).sort(),
      ["api-key%2C", "command", "expired", "home", "recipients"]
    )
    assert.notInclude(ran.stdout + ran.stderr + ran.summary, world.identity.slice(20))
    assert.strictEqual((await world.requests()).length, before)
  })

  it("refuses a home in the workspace, where a checkout could have placed settings", async () => {
    const world = shared()
    const before = (await world.requests()).length
    for (const name of ["state", "..state/a"]) {
      const home = join(world.folder, "workspace", name)
      ended(await world.run({ ...world.base, command: "audit", home }), "refused", 2)
    }
    assert.strictEqual((await world.requests()).length, before)
  })

  it.each<readonly [string, string, unknown, string]>([
    [
      "a pull request of a fork",
      "pull_request",
      { repository: own(), pull_request: { head: { repo: { full_name: "mallory/keys" } } } },
      "refused"
    ],
    [
      "a pull request of a fork, with the base's secrets",
      "pull_request_target",
      { repository: own(), pull_request: { head: { repo: { full_name: "mallory/keys" } } } },
      "refused"
    ],
    [
      "a pull request of a fork that was deleted",
      "pull_request",
      { repository: own(), pull_request: { head: { repo: null } } },
      "refused"
    ],
    [
      "another run, that a fork caused",
      "workflow_run",
      { repository: own(), workflow_run: { head_repository: { full_name: "mallory/keys" } } },
      "refused"
    ],
    ["a pull request of nobody can tell whom", "pull_request", {}, "refused"],
    [
      "a stranger's comment",
      "issue_comment",
      { repository: own(), issue: { author_association: "OWNER" }, comment: { author_association: "NONE" } },
      "refused"
    ],
    [
      "a stranger's review of the repository's own pull request",
      "pull_request_review",
      { repository: own(), pull_request: { head: { repo: own() } }, review: { author_association: "NONE" } },
      "refused"
    ],
    [
      "a stranger's word beside a line of it",
      "pull_request_review_comment",
      { repository: own(), pull_request: { head: { repo: own() } }, comment: { author_association: "FIRST_TIMER" } },
      "refused"
    ],
    [
      "another run, that a comment caused",
      "workflow_run",
      { repository: own(), workflow_run: { event: "issue_comment", head_repository: own() } },
      "refused"
    ],
    [
      "another run, that a push caused",
      "workflow_run",
      { repository: own(), workflow_run: { event: "push", head_repository: own() } },
      "done"
    ],
    ["a page of the wiki", "gollum", { repository: own() }, "refused"],
    ["an event that nobody knows yet", "tomorrows_event", { repository: own() }, "refused"],
    [
      "a comment that is not in the event",
      "issue_comment",
      { repository: own(), issue: { author_association: "OWNER" } },
      "refused"
    ],
    ["a contributor's issue", "issues", { repository: own(), issue: { author_association: "CONTRIBUTOR" } }, "refused"],
    ["a star", "watch", { repository: own() }, "refused"],
    [
      "a member's comment",
      "issue_comment",
      { repository: own(), issue: { author_association: "NONE" }, comment: { author_association: "MEMBER" } },
      "done"
    ],
    [
      "a pull request of the repository itself",
      "pull_request",
      { repository: own(), pull_request: { head: { repo: own() } } },
      "done"
    ]
  ])("a run because of %s (%s)", async (_, name, event, outcome) => {
    const world = shared()
    const before = (await world.requests()).length
    const ran = await world.run({ ...world.base, command: "audit" }, { event, env: { GITHUB_EVENT_NAME: name } })
    assert.strictEqual(ran.outputs["outcome"], outcome)
    if (outcome === "refused") assert.strictEqual((await world.requests()).length, before)
  })
})

function own() {
  return { full_name: "alice/keys", private: true }
}

it("I9: a home that cannot be written refuses, in bounded time", async () => {
  const world = await makeWorld()
  const next = await plan(world)
  mkdirSync(join(world.folder, "home"))
  writeFileSync(join(world.folder, "home/accounts"), "no folder")
  const ran = await world.run({ ...world.base, ...next, home: join(world.folder, "home") })
  ended(ran, "records", 7)
  assert.strictEqual(await world.writes(), 0)
})

it("the log names GitHub's user, authenticated, and the surface action", async () => {
  const world = await makeWorld()
  const home = join(world.folder, "home")
  ended(await world.run({ ...world.base, command: "backup", home }), "done", 0)
  const log = world.files().filter(({ path, text }) => path.startsWith(home) && text.includes('"_tag":"LogStarted"'))
  assert.strictEqual(log.length, 1)
  const records = (log[0]?.text ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.isAbove(records.length, 1)
  for (const { actor, surface } of records) {
    assert.deepStrictEqual([actor, surface], [{ name: "github:octocat", authenticated: true }, "action"])
  }
})
