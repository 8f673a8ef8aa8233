import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { approvalBy, makeGitHub } from "./FakeGitHub.ts"
import { makeWorld } from "./World.ts"

it("a deletion that settings give a second person waits for one: not for its starter, not for anybody else, not for another environment", async () => {
  const world = await makeWorld(["--rpm", "1000"])
  const github = await makeGitHub()
  const home = join(world.folder, "home")
  mkdirSync(home)
  writeFileSync(
    join(home, "keysweep.yaml"),
    "people:\n  - {name: Alice, github: octocat}\n  - {name: Bob, github: Hubot}\napprovals: {delete: 1}\n"
  )
  const base = { ...world.base, home }
  const planned = await world.run({
    ...base,
    command: "plan",
    action: "delete",
    names: "hackathon-*",
    reason: "a test"
  })
  const apply = (env: { readonly [name: string]: string } = {}, token = github.token) =>
    world.run(
      {
        ...base,
        command: "apply",
        environment: "proxy-keys",
        "github-token": token,
        "plan-path": planned.outputs["plan-path"] ?? "",
        confirm: planned.outputs["plan-hash"] ?? ""
      },
      { env: { ...github.env, ...env } }
    )
  const approvals = (...body: ReadonlyArray<unknown>) =>
    github.answers.set("/repos/alice/keys/actions/runs/7/approvals", { status: 200, body })
  const warnings = (stdout: string) => [...stdout.matchAll(/^::warning [^:]*::(.*)$/gm)].map(([, text]) => text ?? "")

  const forbidden = await apply({}, "wrong")
  assert.strictEqual(forbidden.outputs["outcome"], "blocked")
  assert.include(warnings(forbidden.stdout).join(), "actions: read")
  const cases = [
    { reviews: [], says: "no required reviewers" },
    { reviews: [approvalBy("octocat", "proxy-keys")], says: "octocat does not count: Nobody approves their own" },
    { reviews: [approvalBy("mallory", "proxy-keys")], says: "mallory does not count" },
    { reviews: [approvalBy("hubot", "elsewhere"), approvalBy("hubot", "proxy-keys", "rejected")], says: "" }
  ]
  github.answers.set("/repos/alice/keys/environments/proxy-keys", { status: 200, body: { protection_rules: [] } })
  for (const { reviews, says } of cases) {
    approvals(...reviews)
    const ran = await apply()
    assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], ["blocked", 3], ran.stdout)
    assert.include(warnings(ran.stdout).join(), says)
  }
  approvals(approvalBy("hubot", "proxy-keys"))
  for (const [answer, says] of [
    ["lost", "GitHub's answer cannot be read"],
    [{ status: 502 }, "GitHub answers 502"],
    [{ status: 301, headers: { location: `${world.url}/elsewhere` } }, "GitHub answers 301"],
    [{ status: 200, body: { approved: true } }, "GitHub's answer cannot be read"]
  ] as const) {
    github.faults.splice(0, 1, { match: /approvals$/, with: answer })
    const ran = await apply()
    assert.deepStrictEqual([ran.outputs["outcome"], ran.outputs["approvers"]], ["blocked", ""], ran.stdout)
    assert.include(warnings(ran.stdout).join(), says)
  }
  github.faults.length = 0
  assert.strictEqual(await world.writes(), 0)

  github.answers.set("/repos/alice/keys/environments/proxy-keys", {
    status: 200,
    body: { protection_rules: [{ type: "wait_timer" }, { type: "required_reviewers" }] }
  })
  approvals(approvalBy("hubot", "proxy-keys"))
  assert.strictEqual((await apply({ GITHUB_RUN_ATTEMPT: "2" })).outputs["outcome"], "blocked")
  const done = await apply()
  assert.deepStrictEqual([done.outputs["outcome"], done.outputs["approvers"]], ["done", "hubot"], done.stdout)
  assert.deepStrictEqual(warnings(done.stdout), [])
  assert.include(done.summary, "<code>hubot</code>")
  assert.notMatch(done.stdout, /^::error::pwned/m)

  const [account = ""] = readdirSync(join(home, "accounts"))
  const log = join(home, "accounts", account, "log")
  const text = readdirSync(log)
    .map((name) => readFileSync(join(log, name), "utf8"))
    .join("")
  assert.include(text, '"approver":{"authenticated":true,"name":"github:hubot"}')
  for (const { path, text } of world.files()) {
    // The runner's own files are not ours; the token is in none of them either.
    assert.isFalse(text.includes(github.token), path)
  }
})
