import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, python, useWorlds, type World } from "./World.ts"

let world: World
let staging = ""
let stagingId = ""
beforeAll(async () => {
  world = await makeWorld({ scale: 600, args: ["--rpm", "1000"] })
  const keys = (await world.state()).accounts[0]?.keys ?? []
  staging = keys.find(({ name }) => name === "staging")?.key ?? assert.fail()
  const listed = JSON.parse((await world.run(["list", "--json"])).stdout)
  stagingId = listed.keys.find(({ name }: { readonly name: string }) => name === "staging").id
})
afterAll(() => world.close())
const aWorld = useWorlds()

describe("scan", () => {
  beforeAll(() => {
    const write = (name: string, text: string) => writeFileSync(join(world.folder, name), text)
    const git = (...words: ReadonlyArray<string>) =>
      assert.strictEqual(
        spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], { cwd: world.folder })
          .status,
        0
      )
    mkdirSync(join(world.folder, "deploy"))
    git("init", "-q")
    write(".gitignore", "ignored.txt\nhome\n")
    write(".env", `A=1\nKEY=${staging}\n`)
    write("deploy/secret.yaml", `data:\n  key: ${Buffer.from(staging).toString("base64")}\n`)
    write("ignored.txt", `${staging}\n`)
    write("old.txt", `${staging}\n`)
    git("add", "old.txt")
    git("commit", "-q", "-m", "x")
    git("rm", "-q", "old.txt")
    write("::error::x.txt", "ek-proxy-of-somebody-else\n")
  })

  it("I8: names place and id, shows no key anywhere, and is exit code 8 where a key of the account is found", async () => {
    for (const words of [[], ["--json"], ["--format", "sarif"], ["--history"]]) {
      const ran = await world.run(["scan", ...words])
      assert.strictEqual(ran.exit, 8, ran.stderr)
      assert.notMatch(ran.stdout + ran.stderr, /ek-proxy-\w/u)
      assert.include(ran.stdout, stagingId)
      assert.notMatch(ran.stdout, /^\s*::/mu)
    }
    const { stdout } = await world.run(["scan"])
    assert.match(stdout, new RegExp(`^\\.env:2:5 +proxy key +staging +${stagingId}$`, "mu"))
    assert.match(stdout, new RegExp(`^deploy/secret\\.yaml:2:8 +proxy key in base64 +staging +${stagingId}$`, "mu"))
    assert.match(stdout, /unknown proxy key +kf_[a-z2-7]{16}$/mu)
    assert.notInclude(stdout, "ignored.txt")
  })

  it("what it found is told by show, and by a plan as a table and as a page", async () => {
    await world.run(["scan"])
    const shown = await world.run(["show", "staging"])
    assert.match(
      shown.stdout.replaceAll(/\s+/gu, " "),
      /Written in 2 places: \S+ \(just now\): \.env:2:5, deploy\/sec/u
    )
    const made = await world.run(["plan", "delete", "--reason", "test", "--key", "staging", "--out", "stored.json"])
    assert.match(made.stdout, /staging \(kf_\w+\) is written down in 2 places/u)
    assert.match(made.stdout, /update applications +1 planned key is still written down/u)
    const page = (await world.run(["plan", "show", "stored.json", "--format", "md"])).stdout
    assert.match(page, /^\| staging \|.*in 2 places.*\| kf_\w+ \|$/mu)
    assert.match(page, /^\| update applications \| not done \|/mu)
  })

  it("searches what it is told to: paths, what is ignored, the history", async () => {
    const found = async (...words: ReadonlyArray<string>) => {
      const { findings, schema } = JSON.parse((await world.run(["scan", ...words, "--json"])).stdout)
      assert.strictEqual(schema, "keysweep.scan/1")
      return findings.map(({ commit, path }: { readonly commit: string | null; readonly path: string }) =>
        commit === null ? path : `${path} then`
      )
    }
    assert.deepStrictEqual(await found(".env", "deploy"), [".env", "deploy/secret.yaml"])
    assert.include(await found("--everything"), "ignored.txt")
    assert.include(await found("--history"), "old.txt then")
  })

  it("fails as it is told to: never, where anything looks like a key, or where not all was searched", async () => {
    assert.strictEqual((await world.run(["scan", "--fail-on", "never"])).exit, 0)
    assert.strictEqual((await world.run(["scan", "::error::x.txt"])).exit, 0)
    assert.strictEqual((await world.run(["scan", "::error::x.txt", "--fail-on", "any"])).exit, 8)
    const missing = await world.run(["scan", "nowhere"])
    assert.strictEqual(missing.exit, 1)
    assert.include(missing.stdout, "Not searched: nowhere")
  })
})

describe("check", () => {
  it("asks once, with the key from standard input, needs no master key, and shows the id only", async () => {
    const before = (await world.requests()).length
    const ran = await world.run(["check"], { input: `${staging}\n`, env: { ELECTRONHUB_API_KEY: undefined } })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.include(ran.stdout, `${stagingId} works from here`)
    assert.notInclude(ran.stdout + ran.stderr, staging)
    const sent = (await world.requests()).slice(before)
    assert.deepStrictEqual(
      sent.map(({ path }) => path),
      ["/v1/auth/proxy/validate"]
    )
  })

  it("is exit code 5 where the key does not work: unknown, or not for this model", async () => {
    const unknown = await world.run(["check", "--json"], { input: "ek-proxy-of-somebody-else" })
    assert.strictEqual(unknown.exit, 5, unknown.stderr)
    assert.deepInclude(JSON.parse(unknown.stdout), { schema: "keysweep.check/1", valid: false })
    const model = await world.run(["check", "--model", "claude-opus"], { input: staging })
    assert.strictEqual(model.exit, 5, model.stdout)
  })

  it("refuses what is no key and does not repeat it", async () => {
    for (const input of ["", "hunter2-hunter2", "ek-0123456789abcdef", "x".repeat(100_000)]) {
      const ran = await world.run(["check"], { input })
      assert.strictEqual(ran.exit, 2)
      assert.notMatch(ran.stderr, /hunter2|ek-0123|xxxx/u)
    }
  })

  it.skipIf(!python)("asks at a terminal without showing what is typed; Ctrl-C ends it with 130", async () => {
    const ask = "The key \\(it is not shown\\): "
    const ran = await world.terminal(["check"], [{ expect: ask, send: `x\u007F${staging}\r` }])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.include(ran.stdout, "works from here")
    assert.notInclude(ran.stdout, staging)
    assert.strictEqual((await world.terminal(["check"], [{ expect: ask, send: "ek\u0003" }])).exit, 130)
  })
})

describe("observe", () => {
  it("tells a key that is used while it watches, and counts the quiet ones", async () => {
    const other = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    const key = (await other.state()).accounts[0]?.keys.find(({ name }) => name === "staging")?.key ?? ""
    const ended = { watching: false }
    const watching = other.run(["observe", "--every", "1s", "--for", "3s"]).finally(() => (ended.watching = true))
    while (!ended.watching) {
      const used = await fetch(`${other.url}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
      })
      assert.strictEqual(used.status, 200)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const ran = await watching
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.strictEqual(ran.stdout.match(/ live {2}staging \(kf_/gu)?.length, 1, ran.stdout)
    assert.include(ran.stdout, "1 key was used and 11 were quiet")
  })

  it("with --json is one document; times that compare nothing are refused", async () => {
    const ran = await world.run(["observe", "--every", "1s", "--for", "1s", "--json"])
    const { live, quiet, readings, schema } = JSON.parse(ran.stdout)
    assert.deepStrictEqual([schema, live.length, quiet], ["keysweep.observation/1", 0, 12])
    assert.isAtLeast(readings, 2)
    for (const words of [
      ["--every", "1m", "--for", "30s"],
      ["--every", "0s"],
      ["--for", "soon"]
    ]) {
      assert.strictEqual((await world.run(["observe", ...words])).exit, 2)
    }
  })
})
