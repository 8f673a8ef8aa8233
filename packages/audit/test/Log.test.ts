import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, DateTime, Effect, Layer, Option, Stream, TestClock } from "effect"
import { createPublicKey, generateKeyPairSync } from "node:crypto"
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { RunStarted } from "../src/Event.ts"
import { signerAdded } from "../src/Head.ts"
import { Log, LogUnavailable } from "../src/Log.ts"
import { decodeLine, hashOfLine } from "../src/LogRecord.ts"
import { LogStore } from "../src/LogStore.ts"
import { layer as fileLogStore } from "../src/store/FileLogStore.ts"
import {
  account,
  key,
  logDir,
  makeHome,
  numbers,
  operator,
  readLog,
  runId,
  said,
  sayMany,
  segments,
  withLog
} from "./support/Fixture.ts"

const secret = "ek-proxy-0123456789abcdef"

describe("append", () => {
  it.effect("stamps who, where, when and for which run", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* TestClock.setTime(1_795_000_000_000)
      const record = yield* withLog(home, (log) => log.append(said("x"), runId(1)))
      assert.strictEqual(record.actor.name, "os:alice")
      assert.strictEqual(record.surface, "cli")
      assert.strictEqual(record.run, runId(1))
      assert.isNull(record.fence)
      assert.strictEqual(DateTime.toEpochMillis(record.at), 1_795_000_000_000)
    })
  )

  it.effect("I8: what looks like a secret is replaced by its id before it is written", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* withLog(home, (log) =>
        log.append(
          RunStarted.make({ plan: "p", digest: "d", action: "delete", keys: [key(1).id], reason: `leaked ${secret}` })
        )
      )
      assert.notInclude(readLog(home), secret)
      assert.include(readLog(home), "leaked [kf_")
    })
  )

  it.effect("keeps the home private: folders 0700, files 0600", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 1)
      const modes = [home, logDir(home)].map((path) => statSync(path).mode & 0o777)
      assert.deepStrictEqual(modes, [0o700, 0o700])
      const files = [join(home, "signing-key"), ...readdirSync(logDir(home)).map((name) => join(logDir(home), name))]
      assert.deepStrictEqual([...new Set(files.map((path) => statSync(path).mode & 0o777))], [0o600])
    })
  )

  it.effect("makes nothing where only reading is done", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* log.records, [])
          assert.isNull(yield* log.anchor)
          assert.deepStrictEqual(yield* log.verify(), { ok: true, records: 0, anchor: null, signer: null })
        })
      )
      assert.throws(() => statSync(home))
    })
  )

  it.effect("goes on in a new segment without breaking the chain", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      for (const _ of numbers(20)) yield* sayMany(home, 6, { segmentBytes: 4000 })
      assert.isAbove(segments(home).length, 5)
      assert.isTrue(segments(home).every((name) => statSync(join(logDir(home), name)).size > 0))
      const verification = yield* withLog(home, (log) => log.verify())
      assert.isTrue(verification.ok && verification.records === 121)
    })
  )
})

describe("reading", () => {
  it.effect("events of a newer program survive a read and a verify", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      // A program of the future, which knows one more event and another version of an old one.
      const future = LogStore.pipe(
        Effect.flatMap((it) => Effect.all([it.open(account), it.signer])),
        Effect.flatMap(([log, signer]) =>
          Effect.gen(function* () {
            const { addition } = yield* Effect.promise(() => import("../src/LogAddition.ts"))
            for (const event of [
              '{"_tag":"KeyMoved","v":1,"where":"mars"}',
              '{"_tag":"Refused","v":2,"what":{"a":1}}'
            ]) {
              const entry = {
                at: yield* DateTime.now,
                run: null,
                actor: { name: "os:bob", authenticated: false },
                surface: "cli" as const,
                event
              }
              yield* log.append((found) => addition({ account, signer, log, found, trusted: null, entries: [entry] }))
            }
          })
        ),
        Effect.scoped,
        Effect.provide(fileLogStore(home))
      )
      yield* future
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          yield* log.append(said("old program"))
          const events = (yield* log.records).map((it) => it.event)
          assert.deepInclude(events[1], { _tag: "Unknown", was: "KeyMoved" })
          assert.deepInclude(events[2], { _tag: "Unknown", was: "Refused" })
          assert.isTrue((yield* log.verify()).ok)
        })
      )
    })
  )

  it.effect("a line says its own hash whatever is in its event", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const trap = `","hash":"${"0".repeat(64)}","prev":"`
      yield* withLog(home, (log) => log.append(said(trap)))
      for (const line of readLog(home).trim().split("\n")) {
        const record = decodeLine(line)
        assert.isTrue(record._tag === "Right" && Option.contains(hashOfLine(line), record.right.hash))
      }
    })
  )
})

describe("I9: a log that is not what it was refuses", () => {
  const damaged: ReadonlyArray<readonly [string, (home: string) => void, string]> = [
    ["removed", (home) => rmSync(join(logDir(home), segments(home)[0] ?? "")), "was removed"],
    ["moved away with its folder", (home) => renameSync(join(home, "accounts"), join(home, "elsewhere")), "removed"],
    ["replaced by a copy", (home) => replace(join(logDir(home), segments(home)[0] ?? "")), "was replaced"],
    ["cut", (home) => truncateSync(join(logDir(home), segments(home)[0] ?? ""), 100), "was cut"],
    ["added to", (home) => appendFileSync(join(logDir(home), segments(home)[0] ?? ""), "{}\n"), "not Keysweep"],
    ["made read-only", (home) => chmodSync(join(logDir(home), segments(home)[0] ?? ""), 0o400), "read-only"],
    ["left without its head", (home) => rmSync(join(logDir(home), "head.json")), "was removed"]
  ]
  for (const [what, damage, word] of damaged) {
    it.effect(`at the next append, when it was ${what} while open; and goes on refusing`, () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        yield* withLog(home, (log) =>
          Effect.gen(function* () {
            for (const i of numbers(3)) yield* log.append(said(`${i}`))
            damage(home)
            const first = yield* Effect.flip(log.append(said("after")))
            assert.include(first.detail, word)
            // A copy that is the same to the byte is the log again, once that was noticed.
            if (what === "replaced by a copy") return
            const second = yield* Effect.flip(log.append(said("again")))
            assert.instanceOf(second, LogUnavailable)
          })
        )
      })
    )
  }

  it.effect("a store that hangs is given up within the limit, for everybody who waits", () =>
    Effect.gen(function* () {
      const hanging = Layer.succeed(LogStore, {
        signer: Effect.succeed({ key: "ed25519:", sign: () => "" }),
        open: () =>
          Effect.succeed({
            append: () => Effect.never,
            lines: () => Stream.empty,
            head: Effect.succeed(null),
            fence: () => Effect.succeed(null)
          })
      })
      const errors = yield* Effect.flatMap(Log, (log) =>
        Effect.all(
          numbers(70).map((i) => Effect.flip(log.append(said(`${i}`)))),
          { concurrency: "unbounded" }
        )
      ).pipe(
        Effect.uninterruptible,
        Effect.provide(Log.layer(account, { limit: "100 millis" })),
        Effect.provide([hanging, operator])
      )
      assert.isTrue(
        errors.every((it) => it.detail.includes("within 100ms")),
        errors[0]?.detail
      )
    })
  )

  it.effect("a folder that cannot be made says so", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, "accounts"), "a file where a folder should be")
      const error = yield* Effect.flip(sayMany(home, 1))
      assert.match(error.detail, /ENOTDIR|EEXIST/)
    })
  )
})

describe("after a crash", () => {
  it.effect("an unfinished last line is kept beside the log, and the log says so", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 5)
      appendFileSync(join(logDir(home), segments(home)[0] ?? ""), '{"account":"acct_')
      const torn = yield* withLog(home, (log) => log.verify())
      assert.isTrue(!torn.ok && torn.problem === "torn" && torn.seq === 7, JSON.stringify(torn))
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          yield* log.append(said("next"))
          const note = (yield* log.records).map((it) => it.event).find((it) => it._tag === "LineSetAside")
          assert.isTrue(note?._tag === "LineSetAside" && note.bytes === 17)
          if (note?._tag === "LineSetAside")
            assert.strictEqual(readFileSync(join(logDir(home), note.file), "utf8"), '{"account":"acct_')
          assert.isTrue((yield* log.verify()).ok)
        })
      )
    })
  )

  it.effect("records that were not signed yet are signed by the next one, which says so", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 5)
      const head = readFileSync(join(logDir(home), "head.json"))
      yield* withLog(home, (log) => log.append(said("last words")))
      writeFileSync(join(logDir(home), "head.json"), head)
      const behind = yield* withLog(home, (log) => log.verify())
      assert.deepInclude(behind, { ok: false, seq: 7, problem: "unsigned" })
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          yield* log.append(said("next"))
          assert.deepInclude((yield* log.records)[7]?.event, { _tag: "Recovered", from: 7, to: 7 })
          assert.isTrue((yield* log.verify()).ok)
        })
      )
    })
  )
})

describe("signing", () => {
  const withKey = (text: string) =>
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["KEYSWEEP_SIGNING_KEY", text]])))
  const pair = () => generateKeyPairSync("ed25519").privateKey
  const append = (home: string, text: string) =>
    Effect.flatMap(Log, (log) => Effect.zipRight(log.append(said("x")), log.verify())).pipe(
      Effect.provide(Log.layer(account)),
      Effect.provide([fileLogStore(home), operator]),
      Effect.provide(withKey(text))
    )

  it.effect("takes the key from KEYSWEEP_SIGNING_KEY, as PEM or as 32 bytes in base64, and leaves no file", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const key = pair()
      const pem = key.export({ format: "pem", type: "pkcs8" }).toString()
      const raw = key.export({ format: "der", type: "pkcs8" }).subarray(-32).toString("base64")
      const signers = [
        yield* append(home, pem),
        yield* append(home, raw),
        yield* append(home, pem.replaceAll("\n", "\\n"))
      ]
      assert.isTrue(signers.every((it) => it.ok))
      assert.notInclude(readdirSync(home), "signing-key")
    })
  )

  it.effect("a key that the first one vouched for goes on with the log, and both are its signers", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 3)
      const second = pair()
      const spki = createPublicKey(second).export({ format: "der", type: "spki" })
      const first = yield* Effect.flatMap(LogStore, (it) => it.signer).pipe(Effect.provide(fileLogStore(home)))
      yield* withLog(home, (log) =>
        log.append(signerAdded(first, account, `ed25519:${spki.subarray(-32).toString("base64")}`))
      )
      const pem = second.export({ format: "pem", type: "pkcs8" }).toString()
      assert.isTrue((yield* append(home, pem)).ok)
      yield* sayMany(home, 1)
      assert.deepInclude(yield* append(home, pem), { ok: true, records: 8 })
    })
  )

  it.effect("a key that did not begin the log cannot go on with it, and does not show itself", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* sayMany(home, 3)
      const before = readLog(home)
      const error = yield* Effect.flip(append(home, pair().export({ format: "pem", type: "pkcs8" }).toString()))
      assert.include(error.message, "another signing key")
      const nonsense = yield* Effect.flip(append(home, "my-secret-nonsense"))
      assert.notInclude(nonsense.message, "nonsense")
      assert.strictEqual(readLog(home), before)
    })
  )
})

const replace = (path: string): void => {
  copyFileSync(path, `${path}.copy`)
  renameSync(`${path}.copy`, path)
}
