import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Either, Fiber, Layer, Redacted, Schema } from "effect"
import { parseEnv } from "node:util"
import { withVariable } from "../../src/sinks/DotenvText.ts"
import { Sinks } from "../../src/sinks/Sinks.ts"
import { SinkText } from "../../src/sinks/SinkTarget.ts"

const value = "ek-proxy-0123456789abcdef"

const put = (file: string) =>
  Effect.flatMap(Sinks, (sinks) =>
    sinks.deliver(Schema.decodeSync(SinkText)(`dotenv:${file}#KEY`), { name: "ci", value: Redacted.make(value) })
  ).pipe(Effect.provide(Layer.provide(Sinks.layer(), NodeHttpClient.layer)), Effect.either)

const reason = (result: Either.Either<unknown, { readonly message: string }>) =>
  Either.match(result, { onLeft: ({ message }) => message, onRight: () => "" })

const withFolder = <A, E, R>(use: (fs: FileSystem.FileSystem, path: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* use(fs, yield* fs.makeTempDirectoryScoped())
  }).pipe(Effect.provide(NodeContext.layer))

describe("what a dotenv file may look like", () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ["a byte order mark before it", "\uFEFFKEY=old\nB=1\n", `\uFEFFKEY=${value}\nB=1\n`],
    ["line ends of Windows", "A=1\r\nKEY='old'\r\nB=2\r\n", `A=1\r\nKEY=${value}\r\nB=2\r\n`],
    ["line ends of Windows, without it", "A=1\r\n", `A=1\r\nKEY=${value}\r\n`],
    ["export, and a comment behind", 'export KEY="old" # ours\n', `export KEY=${value} # ours\n`],
    [
      "set more than once",
      "KEY=one\nKEY='two'\nexport KEY=three\n",
      `KEY=${value}\nKEY=${value}\nexport KEY=${value}\n`
    ],
    ["a quote that never ends before it", 'A="x\nKEY=old\n', `A="x\nKEY=${value}\n`],
    ["a value over several lines", "KEY=\"a\nb\"\nC='KEY=x'\n", `KEY=${value}\nC='KEY=x'\n`],
    ["no line end at the end", "A=1\nKEY=", `A=1\nKEY=${value}`],
    ["names that only begin or end like it", "KEY2=a\nMY_KEY=b\n#KEY=c\n", `KEY2=a\nMY_KEY=b\n#KEY=c\nKEY=${value}\n`]
  ]
  it.each(cases)("%s", (_, before, after) => {
    assert.strictEqual(withVariable(before, "KEY", value), after)
    const [bom, read] = [/^\uFEFF/, parseEnv(after.replace(/^\uFEFF/, ""))]
    assert.deepStrictEqual({ ...read }, { ...parseEnv(before.replace(bom, "")), KEY: value })
  })
})

describe("the file itself", () => {
  it.scopedLive(
    "I8: rights that others lose are said, and it stays its group's; nothing is said where none are lost",
    () =>
      withFolder((fs, path) =>
        Effect.gen(function* () {
          const file = `${path}/.env`
          yield* fs.writeFileString(file, "A=1\n", { mode: 0o640 })
          // Only root can give it to a group that it is not in.
          if (process.getuid?.() === 0) yield* fs.chown(file, 0, 4711)
          const { gid } = yield* fs.stat(file)
          const first = yield* Effect.flatten(put(file))
          assert.strictEqual(first.note, "its mode was 0640, and is now 0600: its owner alone can read it")
          const after = yield* fs.stat(file)
          assert.deepStrictEqual([after.mode & 0o777, after.gid], [0o600, gid])
          for (const there of [file, `${path}/new.env`]) {
            assert.notProperty(yield* Effect.flatten(put(there)), "note")
            assert.strictEqual((yield* fs.stat(there)).mode & 0o777, 0o600)
          }
        })
      )
  )

  it.scopedLive("I8: what a killed process left of a value is gone when the next is written", () =>
    withFolder((fs, path) =>
      Effect.gen(function* () {
        const file = `${path}/.env`
        yield* fs.writeFileString(`${file}.keysweep-draft`, "KEY=ek-proxy-of-a-killed-process\nA=", { mode: 0o600 })
        yield* fs.utimes(`${file}.keysweep-draft`, 0, 0)
        yield* Effect.flatten(put(file))
        assert.deepStrictEqual(yield* fs.readDirectory(path), [".env"])
        assert.strictEqual(yield* fs.readFileString(file), `KEY=${value}\n`)
      })
    )
  )

  it.scopedLive("a process that is writing it is waited for, and nothing of what it wrote is lost", () =>
    withFolder((fs, path) =>
      Effect.gen(function* () {
        const file = `${path}/.env`
        yield* fs.writeFileString(`${file}.keysweep-draft`, "A=1\n", { mode: 0o600 })
        // However slow this machine is, it is not old.
        const fresh = Math.floor((yield* Clock.currentTimeMillis) / 1000) + 3600
        yield* fs.utimes(`${file}.keysweep-draft`, fresh, fresh)
        const waiting = yield* Effect.fork(put(file))
        yield* Effect.sleep("200 millis")
        assert.isNull(waiting.unsafePoll())
        yield* fs.rename(`${file}.keysweep-draft`, file)
        assert.strictEqual(reason(yield* Fiber.join(waiting)), "")
        assert.strictEqual(yield* fs.readFileString(file), `A=1\nKEY=${value}\n`)
      })
    )
  )

  it.scopedLive("I8: nothing is written through what somebody else put in the draft's place", () =>
    withFolder((fs, path) =>
      Effect.gen(function* () {
        const [file, draft] = [`${path}/.env`, `${path}/.env.keysweep-draft`]
        yield* fs.writeFileString(`${path}/theirs`, "A=1\n")
        yield* fs.symlink(`${path}/theirs`, draft)
        assert.match(reason(yield* put(file)), /in the way is .*draft: it is a symbolic link/)
        yield* fs.remove(draft)
        yield* fs.link(`${path}/theirs`, draft)
        assert.match(reason(yield* put(file)), /second name/)
        yield* fs.remove(draft)
        yield* fs.makeDirectory(draft)
        assert.match(reason(yield* put(file)), /not a file/)
        assert.strictEqual(yield* fs.readFileString(`${path}/theirs`), "A=1\n")
        assert.notInclude(yield* fs.readDirectory(path), ".env")
      })
    )
  )

  // Only root can make one.
  it.scopedLive.skipIf(process.getuid?.() !== 0)("another user's file is refused, with what to do", () =>
    withFolder((fs, path) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(`${path}/.env`, "KEY=theirs\n")
        yield* fs.chown(`${path}/.env`, 4711, 4711)
        assert.match(reason(yield* put(`${path}/.env`)), /belongs to another user \(uid 4711\); run this as that user/)
        assert.strictEqual(yield* fs.readFileString(`${path}/.env`), "KEY=theirs\n")
      })
    )
  )

  it.scopedLive("a value that the format cannot hold leaves no draft", () =>
    withFolder((fs, path) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(`${path}/.env`, "A=1\n")
        const sink = Schema.decodeSync(SinkText)(`dotenv:${path}/.env#KEY`)
        const refused = yield* Effect.flatMap(Sinks, (sinks) =>
          sinks.deliver(sink, { name: "ci", value: Redacted.make("a'\nb") })
        ).pipe(Effect.provide(Layer.provide(Sinks.layer(), NodeHttpClient.layer)), Effect.flip)
        assert.match(refused.message, /cannot hold/)
        assert.deepStrictEqual(yield* fs.readDirectory(path), [".env"])
      })
    )
  )
})
