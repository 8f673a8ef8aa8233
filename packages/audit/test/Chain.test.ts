import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, FastCheck as fc, Option } from "effect"
import { generateKeyPairSync, sign as cryptoSign } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { checkChain, type Problem, type Verification } from "../src/Chain.ts"
import { LogStarted } from "../src/Event.ts"
import { decodeHead, encodeHead, signHead, type Signer, signerText } from "../src/Head.ts"
import { envelopeOf, eventText, link, origin, type Tip } from "../src/LogRecord.ts"
import { account, logDir, makeHome, readLog, said, sayMany, segments, withLog } from "./support/Fixture.ts"

const trials = Number(process.env["KEYSWEEP_TRIALS"] ?? 28)

interface Sample {
  readonly lines: ReadonlyArray<string>
  readonly head: string
}

/** A log as it is on disk. */
const makeSample = (records: number) =>
  Effect.gen(function* () {
    const home = yield* makeHome
    yield* sayMany(home, records - 1)
    return { lines: readLog(home).trimEnd().split("\n"), head: readFileSync(join(logDir(home), "head.json"), "utf8") }
  })

/** The same lines as a store would be given to write, for a log that is too long to be written for a test. */
const linkSample = (records: number): Sample => {
  const signer = makeSigner()
  const lines: Array<string> = []
  let tip: Tip = origin
  for (let i = 0; i < records; i++) {
    const written = link(
      account,
      tip,
      {
        at: DateTime.unsafeMake(0),
        run: null,
        actor: { name: "os:alice", authenticated: false },
        surface: "cli",
        event: eventText(i === 0 ? LogStarted.make({ key: signer.key }) : said(`event ${i}`))
      },
      null
    )
    lines.push(written.line)
    tip = written.tip
  }
  return { lines, head: encodeHead(signHead(signer, account, tip)) }
}

const verify = (
  lines: ReadonlyArray<string>,
  head: string,
  options: Parameters<typeof checkChain>[0] = {}
): Verification => {
  const check = checkChain({ account, ...options })
  for (const line of lines) check.next(line)
  return check.end(decodeHead(head), false)
}

const tamperings: ReadonlyArray<{
  readonly what: string
  /** What is left of the log, the first place that is wrong, and what it may be called. */
  readonly apply: (
    lines: ReadonlyArray<string>,
    at: number,
    other: number
  ) => readonly [ReadonlyArray<string>, number, ReadonlyArray<Problem>]
}> = [
  {
    what: "edit",
    apply: (lines, at, other) => [
      put(lines, at, flip(lines[at] ?? "", other)),
      at + 1,
      ["edited", "missing", "inserted", "reordered", "foreign account", "foreign signature"]
    ]
  },
  {
    what: "insert a copy",
    apply: (lines, at, other) => [
      splice(lines, at, 0, lines[other] ?? ""),
      at + 1,
      ["inserted", "reordered", "unsigned"]
    ]
  },
  {
    what: "insert a forged record",
    apply: (lines, at) => [splice(lines, at, 0, forged(lines, at)), at + 1, ["inserted"]]
  },
  { what: "delete", apply: (lines, at) => [splice(lines, at, 1), at + 1, ["missing", "cut"]] },
  { what: "cut", apply: (lines, at) => [lines.slice(0, at), at + 1, ["cut"]] },
  {
    what: "swap",
    apply: (lines, at, other) => [
      put(put(lines, at, lines[other] ?? ""), other, lines[at] ?? ""),
      Math.min(at, other) + 1,
      ["reordered"]
    ]
  },
  {
    what: "edit and hash anew",
    apply: (lines, at) => [put(lines, at, forged(lines, at)), at + 1, ["inserted", "edited", "missing"]]
  }
]

describe("tampering with 10,000 records is found, and the first bad place named", () => {
  let sample: Sample | undefined
  for (const { apply, what } of tamperings) {
    it.effect(what, () =>
      Effect.sync(() => {
        sample ??= linkSample(10_000)
        const { head, lines } = sample
        const place = fc.integer({ min: 0, max: lines.length - 1 })
        fc.assert(
          fc.property(place, place, (at, other) => {
            if (what !== "cut" && at === other) return
            const [tampered, seq, names] = apply(lines, at, other)
            const result = verify(tampered, head)
            assert.isFalse(result.ok)
            if (result.ok) return
            assert.strictEqual(result.seq, seq, JSON.stringify(result))
            assert.include(names, result.problem)
          }),
          { numRuns: Math.ceil(trials / tamperings.length) }
        )
      })
    )
  }
})

describe("a small log", () => {
  it.effect("every single-byte change of it and of its head is found", () =>
    Effect.gen(function* () {
      const { head, lines } = yield* makeSample(12)
      assert.isTrue(verify(lines, head).ok)
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: lines.length - 1 }),
          fc.nat(),
          fc.integer({ min: 1, max: 127 }),
          (line, at, by) => {
            const text = lines[line] ?? ""
            const result = verify(put(lines, line, xor(text, at % text.length, by)), head)
            assert.isTrue(!result.ok && result.seq === line + 1, JSON.stringify(result))
          }
        ),
        { numRuns: 400 }
      )
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 1, max: 127 }), (at, by) => {
          const changed = xor(head, at % head.trimEnd().length, by)
          const same =
            JSON.stringify(Option.getOrNull(decodeHead(changed))) === JSON.stringify(Option.getOrNull(decodeHead(head)))
          // Base64 has spare bits at its end: a signature may be written in more than one way.
          assert.isTrue(same || !verify(lines, changed).ok || changed.includes('"sig"'))
        }),
        { numRuns: 400 }
      )
    })
  )

  it.effect("a record at the end that nobody signed is found", () =>
    Effect.gen(function* () {
      const { head, lines } = yield* makeSample(5)
      const result = verify([...lines, forged([...lines, lines.at(-1) ?? ""], 5)], head)
      assert.deepInclude(result, { ok: false, seq: 6, problem: "unsigned" })
    })
  )

  it.effect("an old log with its old head passes, and an anchor finds it", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 5)
      const old = {
        lines: readLog(home).trimEnd().split("\n"),
        head: readFileSync(join(logDir(home), "head.json"), "utf8")
      }
      yield* sayMany(home, 5)
      const anchor = (yield* withLog(home, (log) => log.anchor)) ?? ""
      assert.isTrue(verify(old.lines, old.head).ok)
      assert.deepInclude(verify(old.lines, old.head, { anchor }), { ok: false, seq: 7, problem: "cut" })
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          assert.isTrue((yield* log.verify(anchor)).ok)
          assert.deepInclude(yield* log.verify(anchor.replace(/.$/, (c) => (c === "0" ? "1" : "0"))), {
            ok: false,
            problem: "anchor"
          })
          assert.deepInclude(yield* log.verify("nonsense"), { ok: false, problem: "anchor" })
        })
      )
    })
  )

  it.effect("a whole log made with a foreign key is told from ours by whom we trust", () =>
    Effect.gen(function* () {
      const mine = yield* makeSample(3)
      const theirs = yield* makeSample(3)
      const signer = JSON.parse(mine.head).key
      assert.isTrue(verify(mine.lines, mine.head, { trusted: [signer] }).ok)
      assert.deepInclude(verify(theirs.lines, theirs.head, { trusted: [signer] }), {
        ok: false,
        seq: 1,
        problem: "foreign signature"
      })
      assert.deepInclude(verify(mine.lines, theirs.head), { ok: false, problem: "foreign signature" })
    })
  )

  it("a further signer counts only if an earlier one vouches for it", () => {
    const [first, second, stranger] = [makeSigner(), makeSigner(), makeSigner()]
    const made = (by: Signer) => {
      const events = [
        { _tag: "LogStarted", key: first.key, v: 1 },
        { _tag: "SignerAdded", by: by.key, key: second.key, sig: by.sign(signerText(account, second.key)), v: 1 }
      ]
      const lines: Array<string> = []
      let tip: Tip = origin
      for (const event of events) {
        const written = link(
          account,
          tip,
          {
            at: DateTime.unsafeMake(0),
            run: null,
            actor: { name: "os:a", authenticated: false },
            surface: "cli",
            event: JSON.stringify(event)
          },
          null
        )
        lines.push(written.line)
        tip = written.tip
      }
      return verify(lines, encodeHead(signHead(second, account, tip)))
    }
    assert.isTrue(made(first).ok)
    assert.deepInclude(made(stranger), { ok: false, seq: 2, problem: "foreign signature" })
  })
})

describe("a hostile file", () => {
  it.effect("any bytes whatever are read without a crash and never verify", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 3)
      const path = join(logDir(home), segments(home)[0] ?? "")
      const good = readFileSync(path)
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 2000 }),
        fc.json().map((text) => Buffer.from(`${text}\n`)),
        fc
          .record({
            seq: fc.anything(),
            prev: fc.anything(),
            hash: fc.anything(),
            account: fc.anything(),
            event: fc.anything()
          })
          .map((it) => Buffer.from(`${safe(it)}\n`)),
        fc.nat(good.length).map((at) => Buffer.concat([good.subarray(0, at), Buffer.from("\n{}\n"), good.subarray(at)]))
      )
      for (const sample of fc.sample(bytes, 60)) {
        writeFileSync(path, sample)
        const result = yield* withLog(home, (log) => Effect.either(log.verify()))
        assert.isFalse(result._tag === "Right" && result.right.ok)
        yield* Effect.either(withLog(home, (log) => log.records))
        yield* Effect.either(withLog(home, (log) => log.anchor))
      }
    })
  )

  it.effect("a byte that is not UTF-8 does not pass for the character that stands for such bytes", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* withLog(home, (log) => log.append(said("a \ufffd b")))
      const path = join(logDir(home), segments(home)[0] ?? "")
      const bytes = readFileSync(path)
      const at = bytes.indexOf("\ufffd")
      writeFileSync(path, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]))
      assert.deepInclude(yield* withLog(home, (log) => log.verify()), { ok: false, seq: 2, problem: "edited" })
    })
  )

  it.effect("a line without end is refused, not held in memory", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 3)
      writeFileSync(join(logDir(home), segments(home)[0] ?? ""), "x".repeat(40_000_000))
      const error = yield* Effect.flip(withLog(home, (log) => log.verify()))
      assert.include(error.detail, "longer than 1 MiB")
      assert.include((yield* Effect.flip(sayMany(home, 1))).detail, "MiB")
    })
  )
})

const put = (lines: ReadonlyArray<string>, at: number, line: string) => splice(lines, at, 1, line)
const splice = (
  lines: ReadonlyArray<string>,
  at: number,
  remove: number,
  ...add: ReadonlyArray<string>
): ReadonlyArray<string> => [...lines.slice(0, at), ...add, ...lines.slice(at + remove)]

const flip = (line: string, at: number): string => xor(line, at % line.length, 1)

const xor = (text: string, at: number, by: number): string => {
  const bytes = Buffer.from(text, "latin1")
  bytes[at] = (bytes[at] ?? 0) ^ by
  // A line break would make two lines of it: that is an insertion, not an edit.
  if (bytes[at] === 10) bytes[at] = 120
  return bytes.toString("latin1")
}

/** What somebody without the key can make: a record that follows on the one before, with a right hash. */
const forged = (lines: ReadonlyArray<string>, at: number): string => {
  const before = Option.getOrNull(envelopeOf(lines[at - 1] ?? ""))
  const tip = before === null ? origin : { seq: before.seq, hash: before.hash }
  const first =
    at === 0
      ? `{"_tag":"LogStarted","key":"ed25519:${Buffer.alloc(32).toString("base64")}","v":1}`
      : '{"_tag":"Refused","v":1,"what":"forged","why":""}'
  return link(
    account,
    tip,
    {
      at: DateTime.unsafeMake(0),
      run: null,
      actor: { name: "os:eve", authenticated: false },
      surface: "cli",
      event: first
    },
    null
  ).line
}

const makeSigner = (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32)
  return {
    key: `ed25519:${raw.toString("base64")}`,
    sign: (text) => cryptoSign(null, Buffer.from(text), privateKey).toString("base64")
  }
}

const safe = (value: unknown): string =>
  Option.getOrElse(Option.liftThrowable(() => JSON.stringify(value) ?? "")(), () => "")
