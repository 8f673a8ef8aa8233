import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { makeWorld, type Ran, type World } from "./World.ts"

let world: World
beforeAll(async () => {
  world = await makeWorld({ scale: 600 })
})
afterAll(() => world.close())
beforeEach(() => world.control("reset"))

const writes = (requests: Awaited<ReturnType<World["requests"]>>) =>
  requests.filter(({ method, path }) => method === "DELETE" || /\/(remove|toggle|create|update)/.test(path))

/** Runs a command that must refuse: the exit code, a way on, and not one write at the upstream. */
const refused = async (exit: number, run: () => Promise<Ran>): Promise<Ran> => {
  const before = await world.state()
  const ran = await run()
  assert.strictEqual(ran.exit, exit, ran.stdout + ran.stderr)
  assert.deepStrictEqual((await world.state()).accounts, before.accounts)
  assert.deepStrictEqual(writes(await world.requests()), [])
  assert.include(ran.stderr, "Nothing was changed.")
  assert.include(ran.stderr, "Next:")
  return ran
}

const savedPlan = async (
  ...words: ReadonlyArray<string>
): Promise<{ readonly account: string; readonly file: string; readonly hash: string }> => {
  const ran = await world.run(["plan", ...words, "--reason", "test", "--json"])
  assert.strictEqual(ran.exit, 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

describe("nothing is changed, and the reason and the way on are said, when", () => {
  it("a flag says yes, in CI or not: only the hash of the plan that was read is a yes there", async () => {
    const env = { CI: "true" }
    await refused(2, () => world.run(["delete", "--all", "--reason", "test", "--yes"], { env }))
    const { file } = await savedPlan("delete", "--all")
    await refused(2, () => world.run(["apply", file, "--yes"], { env, input: "yes\n" }))
    await refused(2, () => world.run(["apply", file], { env, input: "y\n" }))
  })

  it("a pipe types the right phrase", async () => {
    const { account } = JSON.parse((await world.run(["list", "--json"])).stdout)
    await refused(2, () => world.run(["delete-all", "--reason", "test"], { input: `delete 12 ${account}\n` }))
  })

  it("no reason is given, and nobody can be asked for one: the command is said with one, and nothing is sent", async () => {
    const before = await world.requests()
    for (const words of [
      ["disable", "--key", "staging"],
      ["plan", "delete-all"],
      ["contain", "--key", "staging", "--models", "gpt-4o-mini", "--limit-type", "daily"],
      ["rotate", "--key", "staging", "--sink", "dotenv:.env"],
      ["undo", "run_0mwqx5fdh_uxjtqoff0y"]
    ]) {
      const ran = await refused(2, () => world.run([...words, "--reason", " "]))
      assert.include(ran.stderr, `keysweep ${words.join(" ")} --reason "…"`)
    }
    assert.deepStrictEqual(await world.requests(), before)
  })

  it("--all contradicts a narrower selector", async () => {
    await refused(2, () => world.run(["delete", "--all", "--expired", "--reason", "test"]))
  })

  it("the file is no plan, or is not there", async () => {
    const file = join(world.folder, "no-plan.json")
    writeFileSync(file, "{}")
    await refused(2, () => world.run(["apply", file, "--confirm", "x"]))
    await refused(2, () => world.run(["apply", "absent.json", "--confirm", "x"]))
  })

  it("there is no master key", async () => {
    const ran = await refused(2, () => world.run(["list"], { env: { ELECTRONHUB_API_KEY: undefined } }))
    assert.include(ran.stderr, "export ELECTRONHUB_API_KEY")
  })

  it("a proxy key is given as the master key", async () => {
    const [key] = (await world.state()).accounts[0]?.keys ?? []
    await refused(2, () => world.run(["list"], { env: { ELECTRONHUB_API_KEY: key?.key } }))
    assert.deepStrictEqual(await world.requests(), [])
  })

  it.each(["http://api.electronhub.ai/v1", "http://127.0.0.1.example.com/v1"])(
    "the base URL is not safe: %s",
    async (url) => {
      await refused(2, () =>
        world.run(["list"], { env: { ELECTRONHUB_BASE_URL: url, KEYSWEEP_TIME_SCALE: undefined } })
      )
    }
  )

  it("a time scale is set for a live service", async () => {
    await refused(2, () => world.run(["list"], { env: { ELECTRONHUB_BASE_URL: "https://api.electronhub.ai/v1" } }))
  })

  it("I8: a secret stands among the arguments: its id is said, it is not repeated", async () => {
    const [key] = (await world.state()).accounts[0]?.keys ?? []
    const secret = key?.key ?? ""
    const ran = await refused(2, () => world.run(["delete", "--key", secret]))
    assert.match(ran.stderr, /keysweep delete --key kf_[a-z2-7]{16}/)
    assert.notInclude(ran.stdout + ran.stderr, secret)
    assert.deepStrictEqual(await world.requests(), [])
  })

  it("some records of the list cannot be read: nobody knows then what all keys are", async () => {
    const [key] = (await world.state()).accounts[0]?.keys ?? []
    const partly = {
      match: { method: "GET", path: "/v1/auth/proxy" },
      kind: "status",
      status: 200,
      body: [key, { name: "no key" }]
    }
    await world.control("faults", [{ ...partly, times: 2 }])
    const listed = await world.run(["list"])
    assert.strictEqual(listed.exit, 1, listed.stderr)
    assert.include(listed.stdout, "1 record could not be read")
    await refused(1, () => world.run(["plan", "delete", "--all", "--reason", "test"]))
  })
})

describe("the records cannot be kept, so the run is refused:", () => {
  // A file stands where a folder has to be: not even root can write into it.
  const blocked = (...path: ReadonlyArray<string>) => {
    const home = mkdtempSync(join(world.folder, "blocked-"))
    const file = join(home, ...path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, "")
    return { KEYSWEEP_HOME: home }
  }

  it("I9: the home folder cannot be written", async () => {
    const { file, hash } = await savedPlan("delete", "--expired")
    await refused(7, () => world.run(["apply", file, "--confirm", hash], { env: blocked("accounts") }))
  })

  it("I7: no request can be kept a slot for; a panic is told how it goes at once all the same", async () => {
    const env = blocked("credentials")
    assert.notInclude((await refused(7, () => world.run(["list"], { env }))).stderr, "mktemp")
    const panic = await refused(7, () => world.run(["panic", "--reason", "broken into"], { env }))
    assert.include(panic.stderr, "KEYSWEEP_HOME=$(mktemp -d) keysweep panic --reason 'broken into'")
  })
})
