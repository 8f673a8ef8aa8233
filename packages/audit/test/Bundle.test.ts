import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Either, FastCheck as fc, Stream, TestClock } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { joinTimeline, openBundle } from "../src/Bundle.ts"
import { RunStarted } from "../src/Event.ts"
import { key, makeHome, numbers, said, withLog } from "./support/Fixture.ts"

const exported = (home: string) =>
  withLog(home, (log) => Effect.map(Stream.runCollect(log.bundle), (lines) => Chunk.toReadonlyArray(lines).join("")))

const makeBundle = (records: number, at = 0) =>
  Effect.gen(function* () {
    const home = yield* makeHome
    yield* TestClock.setTime(at)
    yield* withLog(home, (log) =>
      Effect.gen(function* () {
        yield* log.append(
          RunStarted.make({
            plan: "p",
            digest: "d",
            action: "delete",
            keys: [key(1).id],
            reason: "naïve “quotes”, \u{1F511} and \u2028 1e21"
          })
        )
        for (const i of numbers(records - 2)) {
          yield* TestClock.adjust("10 seconds")
          yield* log.append(said(`event ${i}`))
        }
      })
    )
    const text = yield* exported(home)
    return { home, text }
  })

describe("a bundle", () => {
  it.effect("verifies offline, with nothing but itself", () =>
    Effect.gen(function* () {
      const { home, text } = yield* makeBundle(20)
      const anchor = yield* withLog(home, (log) => log.anchor)
      const bundle = Either.getOrThrow(openBundle(Buffer.from(text), { anchor: anchor ?? "" }))
      assert.deepInclude(bundle.verification, { ok: true, records: 20, anchor })
      assert.lengthOf(bundle.records, 20)
      assert.deepInclude(
        Either.getOrThrow(openBundle(Buffer.from(text), { trusted: ["ed25519:another"] })).verification,
        { ok: false, problem: "foreign signature" }
      )
    })
  )

  it.effect("that was changed anywhere says so", () =>
    Effect.gen(function* () {
      const { text } = yield* makeBundle(6)
      const bytes = Buffer.from(text)
      const start = bytes.indexOf(10) + 1
      fc.assert(
        fc.property(fc.integer({ min: start, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ by
          const opened = openBundle(changed)
          assert.isFalse(Either.isRight(opened) && opened.right.verification.ok)
        }),
        { numRuns: 500 }
      )
    })
  )

  it("of any text whatever does not crash", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => Either.isLeft(openBundle(bytes))))
  })

  it.effect("and others join into one timeline, by time, that says what it covers and what it leaves out", () =>
    Effect.gen(function* () {
      const first = yield* makeBundle(5, 0)
      const second = yield* makeBundle(5, 5_000)
      const broken = first.text.replace("event 1", "event X")
      const open = (text: string) => Either.getOrThrow(openBundle(Buffer.from(text)))
      const { coverage, entries } = joinTimeline([
        { source: "laptop", bundle: open(first.text) },
        { source: "ci", bundle: open(second.text) },
        { source: "tampered", bundle: open(broken) }
      ])
      const two = entries.filter((it) => it.source !== "tampered").map((it) => `${it.source} ${it.record.seq}`)
      assert.deepStrictEqual(two, [
        "laptop 1",
        "laptop 2",
        "ci 1",
        "ci 2",
        "laptop 3",
        "ci 3",
        "laptop 4",
        "ci 4",
        "laptop 5",
        "ci 5"
      ])
      assert.deepStrictEqual(
        coverage.map((it) => [it.source, it.records, it.flaw?.seq ?? null]),
        [
          ["laptop", 5, null],
          ["ci", 5, null],
          ["tampered", 3, 4]
        ]
      )
    })
  )
})

const python = spawnSync("python3", ["--version"]).status === 0
if (!python)
  process.stderr.write("\n*** SKIPPED: python3 is not on the PATH, so the second verifier was not run ***\n\n")

describe.runIf(python)("docs/verify_log.py, a second verifier by the description alone", () => {
  const script = join(import.meta.dirname, "../../../docs/verify_log.py")
  const run = (file: string, ...args: ReadonlyArray<string>) =>
    spawnSync("python3", [script, file, ...args], { encoding: "utf8" })

  it("is at most 40 lines and uses the standard library only", () => {
    const text = readFileSync(script, "utf8")
    assert.isAtMost(text.trimEnd().split("\n").length, 40)
    assert.deepStrictEqual(
      [...text.matchAll(/^import (.*)$/gm)].map((it) => it[1]),
      ["hashlib, json, sys"]
    )
  })

  it.effect("agrees with ours on a real export, and on each kind of tampering", () =>
    Effect.gen(function* () {
      const { home, text } = yield* makeBundle(12)
      const file = join(home, "export.jsonl")
      const check = (content: string, ...args: ReadonlyArray<string>) => {
        writeFileSync(file, content)
        return run(file, ...args)
      }
      const anchor = (yield* withLog(home, (log) => log.anchor)) ?? ""
      const good = check(text, anchor)
      assert.strictEqual(good.status, 0, good.stderr + good.stdout)
      assert.include(good.stdout, `ok: 12 records, ${anchor}`)
      const lines = text.split("\n")
      const bad: ReadonlyArray<readonly [string, number]> = [
        [text.replace("event 3", "event X"), 6],
        [lines.filter((_, i) => i !== 5).join("\n"), 5],
        [[...lines.slice(0, 5), lines[3], ...lines.slice(5)].join("\n"), 5],
        [`${lines.slice(0, 8).join("\n")}\n`, 8]
      ]
      for (const [content, seq] of bad) {
        const result = check(content)
        assert.strictEqual(result.status, 1)
        assert.include(result.stdout, `record ${seq}:`)
        const ours = Either.getOrThrow(openBundle(Buffer.from(content))).verification
        assert.isTrue(!ours.ok && ours.seq === seq, JSON.stringify(ours))
      }
      assert.strictEqual(check(text, `12:${"0".repeat(64)}`).status, 1)
    })
  )
})
