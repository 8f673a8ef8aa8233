import { assert, describe, it } from "@effect/vitest"
import { KeyId } from "@keysweep/core/ProxyKey"
import type { ProgressEvent, Step } from "@keysweep/revocation/Progress"
import stringWidth from "string-width"
import { makeLiveBlock } from "../src/LiveBlock.ts"
import { nothingYet, progressBlock, seenAfter } from "../src/render/ProgressBlock.ts"
import { plain, styleOf } from "../src/render/Style.ts"
import { screenOf } from "./Screen.ts"

const idOf = (at: number) => {
  const letters = String(at).replaceAll(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)))
  return KeyId.make(`kf_${letters.padStart(16, "z")}`)
}
const acting: ProgressEvent = { _tag: "Phase", phase: "acting" }
const started = (names: ReadonlyArray<string>): Extract<ProgressEvent, { _tag: "Started" }> => ({
  _tag: "Started",
  action: "delete",
  total: names.length,
  estimateMillis: 125_000,
  keys: names.map((name, at) => ({ id: idOf(at), name })),
  atOnce: 4
})
const answered = (at: number, name: string, detail: string, total: number): ProgressEvent => ({
  _tag: "Key",
  id: idOf(at),
  name,
  detail,
  count: at + 1,
  total,
  leftMillis: 60_000
})
const seenOf = (...events: ReadonlyArray<ProgressEvent>) =>
  events.reduce((seen, event) => seenAfter(seen, event, 0), nothingYet)
const size = { height: 12, width: 79 }
const many = Array.from({ length: 1000 }, (_, at) => `job-${at}`)

describe("the table of a run", () => {
  it("has every key with its state, the time left, and each wait by its name, counted down", () => {
    const names = ["web", "ci", "old", "lab", "shop", "staging"]
    const seen = seenOf(
      started(names),
      acting,
      answered(0, "web", "sent", 6),
      answered(1, "ci", "refused", 6),
      answered(2, "old", "doubt", 6)
    )
    const text = progressBlock(seen, 0, plain, size).join("\n")
    assert.include(text, "Deleting 3/6 · about 1 min left")
    for (const state of [/✓ +web +accepted/, /✗ +ci +refused/, /\? +old +no clear answer/, /› +shop +under way/]) {
      assert.match(text, state)
    }
    const waits = (reason: "window" | "cooldown" | "overlap", later: number) =>
      progressBlock(seenAfter(seen, { _tag: "Waiting", reason, millis: 9000 }, 0), later, plain, size)[1]
    assert.strictEqual(waits("window", 2000), "waiting 7 s for the rate limit's next free slot")
    assert.strictEqual(waits("cooldown", 0), "cooldown: the account is locked by its rate limit for another 9 s")
    assert.strictEqual(waits("overlap", 8500), "old and new keys both work for another 1 s")
    assert.include(waits("window", 9000), "web")
  })

  it("of a thousand keys is no higher than it may be: those under way, and the others in numbers", () => {
    for (const done of [0, 1, 500, 997, 999]) {
      const events = many.slice(0, done).map((name, at) => answered(at, name, "sent", 1000))
      const lines = progressBlock(seenOf(started(many), acting, ...events), 0, plain, size)
      assert.isAtMost(lines.length, size.height)
      for (const name of many.slice(done, done + 4)) {
        assert.lengthOf(
          lines.filter((line) => line.includes(` ${name} `) && line.includes("under way")),
          1
        )
      }
      assert.match(lines.at(-1) ?? "", /^ {2}and 990 others: /)
    }
  })

  it("never runs over the width, and no name acts on the terminal", () => {
    const names = [
      "日本語の名前キー🔑",
      "a\u001B[2J\u001B]52;c;aGk=\u0007",
      "\u202Ertl",
      "x".repeat(300),
      "::set-output name=a::b"
    ]
    for (const width of [10, 24, 30, 40, 60, 119]) {
      const seen = seenAfter(seenOf(started(names), acting), { _tag: "Waiting", reason: "cooldown", millis: 9000 }, 0)
      for (const line of progressBlock(seen, 0, plain, { height: 9, width })) {
        assert.isAtMost(stringWidth(line), width, line)
        assert.notMatch(line, /\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u)
      }
    }
  })

  it("of a rotation has every key from the start, and shows the step that one is at", () => {
    const rotating: ProgressEvent = { ...started(["web", "ci"]), action: "rotate", atOnce: 1 }
    const step = (at: number, name: string, step: Step): ProgressEvent => ({ _tag: "Step", id: idOf(at), name, step })
    const delivering = seenOf(rotating, acting, step(0, "web", "creating"), step(0, "web", "delivering"))
    const rows = (seen: typeof delivering) => progressBlock(seen, 0, plain, size)
    assert.match(
      rows(delivering).join("\n"),
      /^Rotating 0\/2 · about 2 min 5 s left\n› +web +delivering .*\n +ci +waiting /
    )
    const made = [answered(0, "web", "made", 2), answered(1, "ci", "made", 2)]
    const disabling = seenOf(rotating, acting, ...made, step(0, "web", "disabled"), step(1, "ci", "disabling"))
    assert.match(rows(disabling).join("\n"), /^Rotating 2\/2.*\n✓ +web +old one disabled .*\n› +ci +disabling /)
  })

  it("of one request for all keys names none", () => {
    const bulk: ProgressEvent = {
      _tag: "Started",
      action: "delete-all",
      total: 12,
      estimateMillis: 0,
      keys: [],
      atOnce: 4
    }
    assert.deepStrictEqual(progressBlock(seenOf(bulk, acting), 0, plain, size), ["Deleting 0/12"])
  })
})

describe("lines that are drawn over one another", () => {
  it("leave nothing behind, painted or wrapped by a terminal that was made narrower", () => {
    let columns = 80
    const block = makeLiveBlock(() => columns)
    const { green } = styleOf(true)
    const drawn = ["$ keysweep\n", block.draw([green("one"), "two", "three"]), block.draw(["one", "x".repeat(60)])]
    assert.strictEqual(screenOf(drawn.join("")), `$ keysweep\none\n${"x".repeat(60)}`)
    assert.strictEqual(block.draw(["one", "x".repeat(60)]), "")
    columns = 40
    const wrapped = ["$ keysweep\none", "x".repeat(40), "x".repeat(20), block.erase()]
      .join("\n")
      .replace("\n\r", "\n\r")
    assert.strictEqual(screenOf(wrapped), "$ keysweep")
    assert.strictEqual(block.erase(), "")
  })

  it("leave alone what a shell has written below them after Ctrl-Z", () => {
    const block = makeLiveBlock(() => 80)
    const before = block.draw(["one", "two"])
    block.forget()
    const after = ["[1]+  Stopped\n$ fg\n", block.draw(["three"]), block.draw(["four"])]
    assert.strictEqual(screenOf([before, ...after].join("")), "one\ntwo\n[1]+  Stopped\n$ fg\nfour")
  })
})
