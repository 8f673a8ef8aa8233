import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, type World } from "./World.ts"

const escape = "\u001B"
const bell = "\u0007"

/** Fifty names as somebody who wants to fool a terminal, a spreadsheet, a page or a workflow would choose them. */
const hostile = [
  `${escape}[2J`,
  `${escape}[31mred`,
  `${escape}[1A${escape}[2K`,
  `${escape}]0;title${bell}`,
  `${escape}]8;;http://x.example${bell}link`,
  `${escape}]52;c;ZWs=${bell}`,
  `${escape}Pq#0`,
  `${escape}c`,
  `${escape}(0`,
  "\u009B31m",
  "\u009D52;c;ZWs=\u009C",
  "\u0090q\u009C",
  "a\u0000b",
  bell,
  "\u0008\u0008\u0008",
  "\u007F",
  "a\u0085b",
  "safe\u202Egnp.exe",
  "\u202Dx",
  "\u2066x\u2069",
  "\u200Fx",
  "\u200Ex",
  "zero\u200Bwidth",
  "\uFEFFbom",
  "a\u2028b",
  "a\u2029b",
  "two\nlines",
  "two\r\nlines",
  "\ttab",
  "\rreturn",
  "::set-output name=x::y",
  "  ::error::x",
  "x ##[error]x",
  "##vso[task.x]y",
  "\u200B::add-mask::e",
  "=cmd()|x",
  "+cmd()",
  "-cmd()",
  "@SUM(1)",
  "\t=cmd()",
  "＝cmd()",
  ' =cmd("x")',
  '"=cmd()',
  "<script>x</script>",
  "[x](http://x)",
  "|a|b|",
  "`x`",
  "</td>",
  "![x](y)",
  "日本語の名前がとても長いキー",
  "👩‍👩‍👧‍👦",
  "ek-proxy-looks-like-one"
]

let world: World
beforeAll(async () => {
  const first = await makeWorld({ scale: 600, seed: "empty" })
  const seed = join(first.folder, "seed.json")
  const keys = hostile.map((name, at) => ({ name, key: `ek-proxy-hostile${at}abcdefgh`, allocated_ammount: 10 }))
  writeFileSync(seed, JSON.stringify({ accounts: [{ apiKey: "ek-master0123456789", keys }] }))
  world = await makeWorld({ scale: 600, seed, args: ["--rpm", "1000"] })
  await first.close()
})
afterAll(() => world.close())

const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const shown = async (...words: ReadonlyArray<string>) => {
  const { exit, stderr, stdout } = await world.run(words)
  assert.strictEqual(exit, 0, stderr)
  assert.notInclude(stdout, "ek-proxy-looks")
  return stdout
}

describe("fifty hostile names", () => {
  it("are fifty", () => assert.isAtLeast(hostile.length, 50))

  it.each([
    ["list"],
    ["list", "--format", "csv"],
    ["list", "--format", "md"],
    ["audit"],
    ["audit", "--format", "csv"],
    ["audit", "--format", "md"],
    ["audit", "--format", "sarif"],
    ["plan", "delete", "--reason", "test", "--all"],
    ["plan", "delete", "--reason", "test", "--unused", "--explain"]
  ])("move no cursor, write no clipboard, turn no text: %s %s %s %s", async (...words) => {
    const text = await shown(...words.filter((word) => typeof word === "string"))
    assert.notMatch(text.replaceAll(/\r?\n/gu, ""), dangerous)
    for (const line of text.split(/\r?\n/u)) assert.notMatch(line, /^\s*::|##(?:vso)?\[/u)
  })

  it.each([["list"], ["audit"]])(
    "as %s --json are texts that JSON gives back, and none stands there raw",
    async (command) => {
      const text = await shown(command, "--json")
      assert.notMatch(text.replaceAll("\n", ""), dangerous)
      assert.notStrictEqual(JSON.parse(text).schema, undefined)
    }
  )

  it.each([["list"], ["audit"]])(
    "are no formula in %s --format csv: every text is quoted, and none begins like one",
    async (command) => {
      const lines = (await shown(command, "--format", "csv")).trimEnd().split("\r\n")
      for (const line of lines) {
        assert.match(line, /^(?:(?:"(?:[^"]|"")*"|\d+(?:\.\d+)?)(?:,|$))+$/u)
        for (const [, text = ""] of line.matchAll(/"((?:[^"]|"")*)"/gu)) assert.notMatch(text, /^[=+\-@＝＋－＠]/u)
      }
      if (command === "list") assert.lengthOf(lines, hostile.length + 1)
    }
  )

  it.each([["list"], ["audit"]])("are neither markup nor a further cell in %s --format md", async (command) => {
    const lines = (await shown(command, "--format", "md")).trimEnd().split("\n")
    for (const line of lines) {
      assert.lengthOf(line.split("|"), (lines[0] ?? "").split("|").length, line)
      assert.notMatch(line, /[<>`*[\]!\\"]/u)
    }
    if (command === "list") assert.lengthOf(lines, hostile.length + 2)
  })

  it("are neither markup nor a further cell in plan show --format md", async () => {
    await shown(
      "plan",
      "delete",
      "--all",
      "--reason",
      "<img src=x> | [x](y) @everyone",
      "--out",
      join(world.folder, "p")
    )
    const text = await shown("plan", "show", join(world.folder, "p"), "--format", "md")
    const lines = text.trimEnd().split("\n")
    for (const line of lines) assert.notMatch(line, /[<>`*[\]!\\"@]/u)
    const keys = lines.filter((line) => /\| kf_[a-z2-7]{16} \|$/u.test(line))
    assert.lengthOf(keys, hostile.length)
    for (const line of keys) assert.lengthOf(line.split("|"), 10, line)
    assert.lengthOf(
      lines.filter((line) => line.startsWith("#")),
      3
    )
  })
})
