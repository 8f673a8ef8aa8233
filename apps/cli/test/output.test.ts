import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import stringWidth from "string-width"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, program, python, type World } from "./World.ts"

/** Names as somebody who wants to fool a terminal, a spreadsheet or a workflow would choose them. */
const hostile = [
  "\u001B[2J\u001B[31mred",
  "\u001B]8;;http://x.example\u0007link",
  "\u001B]52;c;ZWs=\u0007clip",
  "safe\u202Egnp.exe",
  "two\nlines",
  "tab\tand\rreturn",
  "::set-output name=x::y",
  "=cmd()|x",
  "<script>x</script>",
  "日本語の名前がとても長いキーですよ本当に",
  "zero\u200Bwidth",
  "ek-proxy-looks-like-one",
  "a\u0000b\u009B31m"
]

const folderSeed = (world: { readonly folder: string }) => join(world.folder, "seed.json")

let world: World
let plain: World
beforeAll(async () => {
  plain = await makeWorld({ scale: 600 })
  const seed = folderSeed(plain)
  const keys = hostile.map((name, at) => ({ name, key: `ek-proxy-hostile${at}abcdefgh`, allocated_ammount: 10 }))
  writeFileSync(seed, JSON.stringify({ accounts: [{ apiKey: "ek-master0123456789", keys }] }))
  world = await makeWorld({ scale: 600, seed, args: ["--rpm", "1000"] })
})
afterAll(() => Promise.all([world.close(), plain.close()]))

/** Everything but line breaks and printable text. */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const without = (text: string, ...allowed: ReadonlyArray<string>) =>
  allowed.reduce((left, it) => left.replaceAll(it, ""), text)

describe("hostile names", () => {
  it("are harmless in every text, and no name can look like a secret", async () => {
    for (const words of [
      ["list"],
      ["show", "=cmd()|x"],
      ["plan", "delete", "--reason", "test", "--all"],
      ["delete", "--all", "--reason", "test"],
      ["log", "show"]
    ]) {
      const ran = await world.run(words)
      for (const text of [ran.stdout, ran.stderr]) {
        assert.notMatch(without(text, "\n"), dangerous, words.join(" "))
        assert.notInclude(text, "ek-proxy-looks")
      }
    }
  })

  it.skipIf(!python)("are harmless at a terminal, where only our own colours pass", async () => {
    const ran = await world.terminal(["list"], [])
    const ours = ["\r", "\n", ...[1, 22, 2, 31, 32, 33, 36, 39].map((code) => `\u001B[${code}m`)]
    assert.notMatch(without(ran.stdout, ...ours), dangerous)
    assert.include(ran.stdout, "[2J [31mred")
  })

  it("are a document's plain texts, escaped by JSON", async () => {
    const ran = await world.run(["list", "--json"])
    const { keys } = JSON.parse(ran.stdout)
    assert.strictEqual(keys.length, hostile.length)
    assert.notMatch(without(ran.stdout, "\n"), /\p{Cc}/u)
    assert.notMatch(ran.stdout, /ek-(?:proxy-)?[\w-]{8}/)
  })
})

describe("a terminal", () => {
  it.skipIf(!python).each([40, 60, 80, 120])(
    "of %i columns is not run over by the list, and every id is whole",
    async (columns) => {
      const ran = await plain.terminal(["list"], [], { columns, env: { NO_COLOR: "1" } })
      assert.strictEqual(ran.exit, 0, ran.stdout)
      const table = without(ran.stdout, "\r").split("\n\n")[0] ?? ""
      for (const line of table.split("\n")) assert.isAtMost(stringWidth(line), columns, line)
      assert.strictEqual(table.match(/kf_[a-z2-7]{16}/g)?.length, 12)
    }
  )

  it.skipIf(!python)("gets colour, and none with NO_COLOR or TERM=dumb", async () => {
    assert.include((await plain.terminal(["list"], [])).stdout, "\u001B[32mactive")
    assert.notInclude((await plain.terminal(["list"], [], { env: { NO_COLOR: "1" } })).stdout, "\u001B[3")
    assert.notInclude((await plain.terminal(["list"], [], { env: { TERM: "dumb" } })).stdout, "\u001B[3")
  })

  it("that is a pipe gets no colour, but with FORCE_COLOR", async () => {
    assert.notInclude((await plain.run(["list"])).stdout, "\u001B")
    assert.notInclude((await plain.run(["--help"])).stdout, "\u001B")
    assert.include((await plain.run(["list"], { env: { FORCE_COLOR: "1" } })).stdout, "\u001B[32mactive")
  })
})

describe("help", () => {
  it.each([
    [["--help"], "Usage: keysweep <command>"],
    [["help"], "Usage: keysweep <command>"],
    [[], "Usage: keysweep <command>"],
    [["plan", "--help"], "Usage: keysweep plan <command>"],
    [["help", "plan", "delete"], "Usage: keysweep plan delete [options]"],
    [["help", "selection"], "--spent-below CREDITS"],
    [["help", "outcomes"], "8  findings"],
    [["help", "files"], "identity.txt"],
    [["help", "environment"], "KEYSWEEP_HOME"],
    [["scan", "--help"], "Usage: keysweep scan [PATH…] [options]"],
    [["apply", "-h"], "Usage: keysweep apply FILE [options]"],
    [["backup", "verify", "--help"], "Usage: keysweep backup verify [BACKUP] [options]"],
    [["emulator", "--help"], "keysweep emulator [options]"]
  ])("of %j shows the real command, needs no account, and is exit code 0", async (words, usage) => {
    const ran = await plain.run(words, { env: { ELECTRONHUB_API_KEY: undefined } })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.include(ran.stdout, usage)
    assert.strictEqual(ran.stderr, "")
  })

  it.each([
    [["lst"], "Did you mean: keysweep list?"],
    [["plan", "delte"], "Did you mean: keysweep plan delete?"],
    [["log"], "keysweep log needs one more word: show, find, export, verify."],
    [["help", "selction"], "Did you mean: keysweep help selection?"],
    [["list", "--account", "lab"], "The settings name no accounts."],
    [
      ["list", "--log-level", "loud"],
      '--log-level takes none, error, warning, info, debug, trace; "loud" is none of them.'
    ],
    [["list", "--jsn"], "Did you mean --json?"],
    [["delete", "staging"], "is one argument too many."],
    [["apply"], "FILE is missing"]
  ])("is offered for %j, once, on standard error, with exit code 2", async (words, hint) => {
    const ran = await plain.run(words)
    assert.strictEqual(ran.exit, 2)
    assert.strictEqual(ran.stdout, "")
    assert.strictEqual(ran.stderr.split(hint).length, 2, ran.stderr)
  })
})

describe("--json", () => {
  it("prints one document with its schema and nothing else, for every command that shows something", async () => {
    for (const [schema, ...words] of [
      ["keysweep.inventory/1", "list"],
      ["keysweep.evidence/1", "show", "staging"],
      ["keysweep.plan/1", "plan", "delete", "--reason", "test", "--expired"],
      ["keysweep.nothing/1", "plan", "delete", "--reason", "test", "--name", "zzz"],
      ["keysweep.backups/1", "backup", "list"],
      ["keysweep.backup-verification/1", "backup", "verify"],
      ["keysweep.log/1", "log", "show"],
      ["keysweep.log-verification/1", "log", "verify"]
    ]) {
      const ran = await plain.run([...words, "--json"])
      assert.strictEqual(JSON.parse(ran.stdout).schema, schema, words.join(" "))
      assert.strictEqual(ran.exit, 0, words.join(" "))
    }
  })

  it("tells a failure as a document too: outcome, exit code, message, what was changed, what to do", async () => {
    const ran = await plain.run(["delete", "--key", "no-such-key", "--reason", "test", "--json"])
    const { changed, exit, message, next, outcome, schema } = JSON.parse(ran.stdout)
    assert.deepStrictEqual(
      { changed, exit, outcome, schema },
      { changed: [], exit: 2, outcome: "refused", schema: "keysweep.error/1" }
    )
    assert.strictEqual(ran.exit, 2)
    assert.include(message, "no-such-key")
    assert.isAbove(next.length, 0)
  })

  it("shows the inventory as the interface promises it: times in UTC, money in credits", async () => {
    const { keys, partial, totals } = JSON.parse((await plain.run(["list", "--json"])).stdout)
    const staging = keys.find(({ name }: { readonly name: string }) => name === "staging")
    assert.deepInclude(staging, {
      state: "active",
      allocated: 50,
      used: 12.75,
      remaining: 37.25,
      models: ["gpt-4o-mini"],
      addresses: []
    })
    assert.match(staging.expiresAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.isFalse(partial)
    assert.strictEqual(totals.keys, 12)
  })
})

it("the version is one line", async () => {
  assert.match((await plain.run(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/)
})

it("what is asked most waits for few files: the version for one, the list for a handful", () => {
  const folder = dirname(program())
  const needed = (file: string, found = new Set<string>()): ReadonlySet<string> => {
    if (found.has(file)) return found
    found.add(file)
    const text = readFileSync(join(folder, file), "utf8")
    for (const [, next = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([\w.-]+\.mjs)"/g)) needed(next, found)
    return found
  }
  assert.strictEqual(needed("keysweep.mjs").size, 2)
  const [reading = ""] = readdirSync(folder).filter((name) => name.startsWith("Reading-"))
  assert.isAtMost(needed(reading).size, 4)
})
