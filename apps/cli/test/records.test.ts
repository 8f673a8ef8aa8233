import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { json, makeWorld, python, useWorlds, type World } from "./World.ts"

const aWorld = useWorlds()

/** One world with one run behind it: staging was deleted. */
let world: World
let staging = ""
let run = ""
let anchor = ""
beforeAll(async () => {
  world = await makeWorld({ scale: 600, args: ["--rpm", "1000"] })
  staging = (await world.state()).accounts[0]?.keys.find(({ name }) => name === "staging")?.key ?? assert.fail()
  const plan = await json(world, "plan", "delete", "--key", "staging", "--reason", "moved to production")
  const receipt = await json(world, "apply", plan.file, "--confirm", plan.hash)
  run = receipt.run
  anchor = receipt.anchor
  await json(world, "log", "export", "--out", "mine.bundle")
})
afterAll(() => world.close())

describe("log find", () => {
  it("I8: tells what happened to a key by its value, which no argument and no output shows", async () => {
    const ran = await world.run(["log", "find"], { input: `${staging}\n`, env: { ELECTRONHUB_API_KEY: undefined } })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.match(
      ran.stdout,
      /staging \(kf_[a-z2-7]{16}\) was deleted on .* UTC by os:\w+\. Reason: moved to production\./u
    )
    assert.notInclude(ran.stdout + ran.stderr, staging)
    const { records, retired, schema } = JSON.parse(
      (await world.run(["log", "find", "--json"], { input: staging })).stdout
    )
    assert.deepStrictEqual([schema, retired.how, retired.run], ["keysweep.log-find/1", "deleted", run])
    assert.isAtLeast(records.length, 4)
    assert.strictEqual((await world.run(["log", "find", staging])).exit, 2)
  })

  it("says that the log says nothing of a key that it does not know", async () => {
    const ran = await world.run(["log", "find"], { input: "ek-proxy-of-somebody-else" })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.include(ran.stdout, "says nothing of kf_")
  })

  it.skipIf(!python)("asks at a terminal without showing what is typed", async () => {
    const ran = await world.terminal(["log", "find"], [{ expect: "not shown\\): ", send: `${staging}\r` }])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.notInclude(ran.stdout, staging)
  })
})

describe("an exported log", () => {
  it("verifies without home and key, against an anchor, and is the same on standard output", async () => {
    const env = { KEYSWEEP_HOME: join(world.folder, "elsewhere"), ELECTRONHUB_API_KEY: undefined }
    const verified = await world.run(["log", "verify", "--bundle", "mine.bundle", "--anchor", anchor], { env })
    assert.strictEqual(verified.exit, 0, verified.stderr)
    assert.include(verified.stdout, "verifies: ")
    const [, ...lines] = (await world.run(["log", "export"])).stdout.split("\n")
    assert.deepStrictEqual(lines, readFileSync(join(world.folder, "mine.bundle"), "utf8").split("\n").slice(1))
  })

  it("is exit code 7 where it was tampered with or is not that of the anchor, 2 where it is none", async () => {
    const text = readFileSync(join(world.folder, "mine.bundle"), "utf8")
    writeFileSync(join(world.folder, "edited.bundle"), text.replace("moved to production", "moved to somewhere"))
    const edited = await world.run(["log", "verify", "--bundle", "edited.bundle"])
    assert.strictEqual(edited.exit, 7)
    assert.include(edited.stdout, "edited")
    const other = await world.run(["log", "verify", "--bundle", "mine.bundle", "--anchor", `2:${"0".repeat(64)}`])
    assert.strictEqual(other.exit, 7)
    writeFileSync(join(world.folder, "none.bundle"), "hello\n")
    assert.strictEqual((await world.run(["log", "verify", "--bundle", "none.bundle"])).exit, 2)
    assert.strictEqual((await world.run(["log", "export", "--out", "mine.bundle"])).exit, 2)
  })

  it("joins the log of another home in one timeline, and a broken one only as far as it is sound", async () => {
    const theirs = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    await theirs.run(["hold", "--reason", "freeze of theirs"])
    await json(theirs, "log", "export", "--out", join(world.folder, "theirs.bundle"))
    const ran = await world.run(["log", "show", "--with", "theirs.bundle"])
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.match(ran.stdout, /^here .*run finished: done$/mu)
    assert.match(ran.stdout, /^theirs\.bundle .*held: freeze of theirs$/mu)
    assert.strictEqual(ran.stdout.match(/; signed by ed25519:/gu)?.length, 2)
    // Whoever put a log of their own in its place has another key than the one that the settings name.
    const settings = join(world.home, "keysweep.yaml")
    const [signer = ""] =
      /ed25519:[A-Za-z0-9+/=_-]+/u.exec(readFileSync(join(world.folder, "theirs.bundle"), "utf8")) ?? []
    writeFileSync(settings, `signers: ["${signer}"]\n`)
    assert.strictEqual((await world.run(["log", "show", "--with", "theirs.bundle"])).exit, 0)
    writeFileSync(settings, `signers: ["ed25519:${"A".repeat(43)}="]\n`)
    const foreign = await world.run(["log", "show", "--with", "theirs.bundle"])
    assert.strictEqual(foreign.exit, 7)
    assert.include(foreign.stdout, "not trusted")
    rmSync(settings)
    appendFileSync(join(world.folder, "theirs.bundle"), "{}\n")
    const broken = await world.run(["log", "show", "--with", "theirs.bundle", "--json"])
    assert.strictEqual(broken.exit, 7)
    const { coverage, entries, schema } = JSON.parse(broken.stdout)
    assert.deepStrictEqual([schema, coverage[1].records, coverage[1].flaw.ok], ["keysweep.timeline/1", 2, false])
    assert.isTrue(entries.some(({ source }: { readonly source: string }) => source === "theirs.bundle"))
  })
})

describe("runs", () => {
  it("lists them with their outcome, and shows one record by record", async () => {
    const listed = await world.run(["runs", "list"])
    assert.match(listed.stdout, new RegExp(`^${run} .* delete +1 +done +moved to production$`, "mu"))
    const { runs } = await json(world, "runs", "list")
    assert.deepInclude(runs[0], { id: run, action: "delete", outcome: "done", unsettled: 0 })
    assert.include((await world.run(["runs", "show", run])).stdout, "run finished: done")
    const shown = await json(world, "runs", "show", run)
    assert.isTrue(shown.records.every((record: { readonly run: string }) => record.run === run))
    assert.strictEqual((await world.run(["runs", "show", run.replace(/.$/u, "_")])).exit, 2)
  })
})

describe("backup", () => {
  it("show opens one: every setting, no secret", async () => {
    const { backups } = await json(world, "backup", "list")
    const ran = await world.run(["backup", "show", backups[0].id])
    assert.match(ran.stdout, /^staging +yes +50 +in 59 d +gpt-4o-mini +any +kf_/mu)
    const { keys, schema } = await json(world, "backup", "show", backups[0].id)
    assert.deepStrictEqual([schema, keys[0].name], ["keysweep.backup/1", "staging"])
    assert.notInclude(JSON.stringify(keys), "ek-proxy-")
    assert.strictEqual((await world.run(["backup", "show", "bk_000000000_0000000000"])).exit, 7)
  })

  it("prune removes old ones, and keeps young ones and so many of the newest", async () => {
    await json(world, "backup", "create")
    await json(world, "backup", "create")
    const ids = async () => (await json(world, "backup", "list")).backups.map(({ id }: { readonly id: string }) => id)
    const [first, second, third] = await ids()
    assert.deepStrictEqual((await json(world, "backup", "prune", "--older-than", "1d", "--keep", "0")).removed, [])
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const { removed } = await json(world, "backup", "prune", "--older-than", "1s", "--keep", "1")
    assert.deepStrictEqual(
      removed.map(({ id }: { readonly id: string }) => id),
      [first, second]
    )
    assert.deepStrictEqual(await ids(), [third])
    for (const words of [[], ["--older-than", "old"], ["--older-than", "1d", "--keep=-1"]]) {
      assert.strictEqual((await world.run(["backup", "prune", ...words])).exit, 2)
    }
  })
})

describe("hold", () => {
  it("stops a key, a plan or the account until it is lifted; the same plan then runs", async () => {
    const plan = await json(world, "plan", "disable", "--key", "github-ci", "--reason", "x")
    await json(world, "list")
    const apply = () => world.run(["apply", plan.file, "--confirm", plan.hash])
    for (const target of [["--key", "github-ci"], ["--plan", plan.hash], []]) {
      const held = await world.run(["hold", ...target, "--reason", "until Friday"])
      assert.strictEqual(held.exit, 0, held.stderr)
      const blocked = await apply()
      assert.strictEqual(blocked.exit, 3, blocked.stderr)
      assert.include(blocked.stderr, "until Friday")
      const { held: still, schema } = await json(world, "hold", "--lift", ...target, "--reason", "moved")
      assert.deepStrictEqual([schema, still], ["keysweep.hold/1", false])
    }
    assert.strictEqual((await apply()).exit, 0)
  })

  it("without a reason, of a key that is not known, or of something that is no plan, is refused", async () => {
    for (const words of [[], ["--key", "zzz", "--reason", "x"], ["--plan", "abc", "--reason", "x"]]) {
      assert.strictEqual((await world.run(["hold", ...words])).exit, 2)
    }
  })
})

describe("approve", () => {
  it("is refused with exit code 3, on record, and says who can approve", async () => {
    const plan = await json(world, "plan", "disable", "--key", "jonas laptop", "--reason", "x")
    const ran = await world.run(["approve", plan.file])
    assert.strictEqual(ran.exit, 3, ran.stdout + ran.stderr)
    assert.include(ran.stderr, "does not prove who you are")
    assert.include(ran.stderr, "Slack")
    assert.include((await world.run(["log", "show"])).stdout, `plan ${plan.hash.slice(0, 12)} refused by os:`)
  })
})
