import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { screenOf } from "./Screen.ts"
import { json, makeWorld, names, python, useWorlds, type World } from "./World.ts"

const aWorld = useWorlds()

describe.skipIf(!python)("at a terminal (a pseudo-terminal of python3's pty module)", () => {
  let world: World
  beforeAll(async () => {
    world = await makeWorld({ scale: 600 })
  })
  afterAll(() => world.close())

  it("the wrong words, three times, change nothing", async () => {
    const before = await world.state()
    const wrong = { expect: "to go on: ", send: "yes\n" }
    const ran = await world.terminal(["delete", "--key", "staging", "--reason", "test"], [wrong, wrong, wrong])
    assert.strictEqual(ran.exit, 2, ran.stdout)
    assert.include(ran.stdout, "Nothing was changed.")
    assert.deepStrictEqual((await world.state()).accounts, before.accounts)
  })

  it("Ctrl-D is no, and Ctrl-C ends it with 130", async () => {
    const before = await world.state()
    const no = await world.terminal(
      ["delete", "--key", "staging", "--reason", "test"],
      [{ expect: "to go on: ", send: "\u0004" }]
    )
    assert.strictEqual(no.exit, 2, no.stdout)
    const stop = await world.terminal(
      ["delete", "--key", "staging", "--reason", "test"],
      [{ expect: "to go on: ", send: "\u0003" }]
    )
    assert.strictEqual(stop.exit, 130, stop.stdout)
    assert.deepStrictEqual((await world.state()).accounts, before.accounts)
  })

  it("the reason is asked for once, before the plan is shown; an empty one is asked for again, and three end it", async () => {
    const before = await world.requests()
    const empty = { expect: "Why\\? .*log: ", send: " \n" }
    const none = await world.terminal(["delete", "--key", "staging"], [empty, empty, empty])
    assert.strictEqual(none.exit, 2, none.stdout)
    assert.include(none.stdout, "No reason was given in 3 attempts.")
    assert.include(none.stdout, "Nothing was changed.")
    assert.deepStrictEqual(await world.requests(), before)
    const why = { expect: "attempt 2 of 3[\\s\\S]*log: ", send: "left the team\n" }
    const ran = await world.terminal(["plan", "disable", "--key", "staging", "--out", "asked.json"], [empty, why])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.strictEqual(JSON.parse(readFileSync(join(world.folder, "asked.json"), "utf8")).reason, "left the team")
  })

  it("y disables, the exact words delete every key, and the progress goes when the result comes", async () => {
    const disabled = await world.terminal(
      ["disable", "--key", "staging", "--reason", "test"],
      [{ expect: "\\[y/N\\] ", send: "y\n" }]
    )
    assert.strictEqual(disabled.exit, 0, disabled.stdout)
    const exact = { expect: "Type .*?(delete 12 acct_[a-z2-7]{16}).*to go on: ", send: "{1}\n" }
    const ran = await world.terminal(["delete-all", "--reason", "test"], [exact])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.include(ran.stdout, "Deleting")
    assert.deepStrictEqual(names(await world.state()), [])
    const lastErased = ran.stdout.lastIndexOf("\u001B[J")
    assert.isAbove(lastErased, 0)
    assert.isBelow(lastErased, ran.stdout.indexOf("OUTCOME"))
    assert.notInclude(screenOf(ran.stdout), "Deleting")
  })

  it("panic shows both ways, and the phrase that is typed is the one that is taken", async () => {
    const other = await aWorld({ scale: 600 })
    const disable = { expect: "(panic disable \\d+ acct_[a-z2-7]{16})[\\s\\S]*to go on: ", send: "{1}\n" }
    const ran = await other.terminal(["panic", "--reason", "leak"], [disable])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.match(ran.stdout, /panic delete 12 acct_/)
    const { accounts } = await other.state()
    assert.deepStrictEqual(
      accounts[0]?.keys.map((key) => key.is_active),
      Array.from({ length: 12 }, () => false)
    )
  })
})

describe.skipIf(!python)("panic", () => {
  it("leaves no request of the window to others: with two keys and five a minute it is over in the first", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keysweep-seed-"))
    const seed = join(folder, "seed.json")
    const keys = ["a", "b"].map((name) => ({ name, key: `ek-proxy-${name.repeat(16)}`, allocated_ammount: 1 }))
    writeFileSync(
      seed,
      JSON.stringify({ accounts: [{ apiKey: "ek-panic-master-key", plan: "free", balance: 9, keys }] })
    )
    const world = await aWorld({ scale: 1, seed })
    rmSync(folder, { recursive: true })
    const disable = { expect: "(panic disable \\d+ acct_[a-z2-7]{16})[\\s\\S]*to go on: ", send: "{1}\n" }
    const ran = await world.terminal(["panic", "--reason", "leak"], [disable])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    const sent = await world.requests()
    // The list, a lookup of the dialect, two switches, the proof.
    assert.lengthOf(sent, 5)
    assert.isBelow(Date.parse(sent[4]?.at ?? "") - Date.parse(sent[0]?.at ?? ""), 60_000)
  })
})

describe.skipIf(!python)("rotate", () => {
  it("I8: a saved plan shows its values where that is asked for once more, at a terminal, and nowhere else", async () => {
    const world = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    const plan = await json(
      world,
      "plan",
      "rotate",
      "--key",
      "staging",
      "--sink",
      "terminal",
      "--reveal",
      "--reason",
      "test"
    )
    const words = ["apply", plan.file, "--confirm", plan.hash]
    const before = (await world.state()).accounts
    for (const ran of [await world.terminal(words, []), await world.run([...words, "--reveal"])]) {
      assert.strictEqual(ran.exit, 2, ran.stdout)
      assert.match(`${ran.stdout}${ran.stderr}`.replaceAll(/\s+/g, " "), /no terminal here .* \(--reveal\)/)
    }
    assert.deepStrictEqual((await world.state()).accounts, before)
    const shown = await world.terminal([...words, "--reveal"], [])
    assert.strictEqual(shown.exit, 0, shown.stdout)
    const made = (await world.state()).accounts[0]?.keys.at(-1)
    assert.lengthOf(shown.stdout.match(new RegExp(`staging: ${made?.key}`, "g")) ?? [], 1)
  })
})

describe.skipIf(!python)("master-key regenerate", () => {
  it("I8: the phrase that is typed replaces the key; the value is in the sink and not on the screen", async () => {
    const world = await aWorld({ scale: 600, seed: "empty", args: ["--rpm", "1000"] })
    const file = join(world.folder, "app.env")
    const phrase = { expect: "Type .*?(regenerate acct_[a-z2-7]{16}).*to go on: ", send: "{1}\n" }
    const ran = await world.terminal(["master-key", "regenerate", "--sink", `dotenv:${file}#KEY`], [phrase])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    const now = (await world.state()).accounts[0]?.apiKey ?? ""
    assert.notStrictEqual(now, world.apiKey)
    assert.strictEqual(readFileSync(file, "utf8"), `KEY=${now}\n`)
    assert.notInclude(ran.stdout, now)
    assert.match(ran.stdout, /is replaced: the new one works, and the old one does not/)
    for (const words of [["list"], ["plan", "disable", "--all", "--reason", "test"]]) {
      const refused = await world.run(words)
      assert.strictEqual(refused.exit, 5, refused.stderr)
      const said = refused.stderr.replaceAll(/\s+/g, " ")
      assert.include(said, "it was replaced at ")
      assert.include(said, `look in dotenv:${file}#KEY for the new one`)
    }
  })
})

describe("a run that is interrupted", () => {
  it.skipIf(!python)(
    "I6: by Ctrl-C ends with 130, and resume does the rest: each key deleted once, nothing else",
    async () => {
      // Three requests in four seconds: the run waits long enough to be interrupted in the middle.
      const world = await aWorld({ scale: 15, args: ["--rpm", "4"] })
      const before = await world.state()
      const retired = ["github-ci", "hackathon-2026-03", "jonas laptop", "old-mobile-app", "staging"]
      const plan = await json(
        world,
        "plan",
        "delete",
        "--reason",
        "test",
        ...retired.flatMap((name) => ["--key", name])
      )
      const ran = await world.terminal(
        ["apply", plan.file, "--confirm", plan.hash],
        [{ expect: "Deleting [1-3]/5[\\s\\S]*waiting \\d+ s for the rate limit", signal: "SIGINT" }],
        { env: { NO_COLOR: "1" } }
      )
      assert.strictEqual(ran.exit, 130, ran.stdout)
      assert.match(ran.stdout, /accepted[\s\S]*› +\S.* (under way|next) /)
      // The table is gone, and the report stands alone.
      const screen = screenOf(ran.stdout)
      assert.match(screen, /^(\^C)?A key to open backups was made: /)
      assert.match(screen, /^✗ Interrupted\./m)
      assert.notMatch(screen, /accepted|waiting/)
      assert.include(ran.stdout, "keysweep resume")
      assert.match(ran.stdout, /At least [1-3] of 5 keys were being deleted/)
      assert.notInclude(ran.stdout, "Nothing was changed.")
      const left = names(await world.state()).filter((name) => retired.includes(name))
      assert.isAbove(left.length, 0)
      assert.isBelow(left.length, 5)

      const resumed = await json(world, "resume")
      assert.strictEqual(resumed.outcome, "done")
      assert.deepStrictEqual(
        names(await world.state()),
        names(before).filter((name) => !retired.includes(name))
      )
      const removals = (await world.requests()).filter(({ path }) => path.endsWith("/remove"))
      assert.strictEqual(removals.length, 5)
      assert.isTrue((await world.requests()).every(({ status }) => status !== 429))
      assert.isTrue((await json(world, "log", "verify")).ok)
    }
  )
})
