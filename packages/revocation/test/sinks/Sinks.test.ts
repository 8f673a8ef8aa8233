import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as SealAge from "@keysweep/audit/SealAge"
import { Seal } from "@keysweep/audit/Seal"
import { Effect, Either, Layer, Redacted, Schema } from "effect"
import { parseEnv } from "node:util"
import { withVariable } from "../../src/sinks/DotenvText.ts"
import { type NewValue, Sinks } from "../../src/sinks/Sinks.ts"
import { sharedSink, SinkText } from "../../src/sinks/SinkTarget.ts"

const value = "ek-proxy-0123456789abcdef"
const parse = Schema.decodeSync(SinkText)

const put = (sink: string, name = "ci", reveal?: (it: NewValue) => Effect.Effect<void>) =>
  Effect.flatMap(Sinks, (sinks) => sinks.deliver(parse(sink), { name, value: Redacted.make(value) })).pipe(
    Effect.provide(Layer.provide(Sinks.layer(reveal), NodeHttpClient.layer)),
    Effect.either
  )
const reason = (result: Either.Either<unknown, { readonly message: string }>) =>
  Either.match(result, { onLeft: ({ message }) => message, onRight: () => "" })

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  Effect.map(fs.makeTempDirectoryScoped(), (path) => ({ fs, path }))
)

describe("dotenv", () => {
  it("changes the one value, whatever stands around it", () => {
    const before = [
      "# KEY=comment",
      "export KEY = 'old' # ours",
      'TEXT="line',
      'KEY=not an assignment"',
      "KEYS=1",
      "KEY=two words#x  # last\r",
      "EMPTY="
    ].join("\n")
    const after = withVariable(before, "KEY", value)
    assert.strictEqual(
      after,
      [
        "# KEY=comment",
        `export KEY = ${value} # ours`,
        'TEXT="line',
        'KEY=not an assignment"',
        "KEYS=1",
        `KEY=${value}  # last\r`,
        "EMPTY="
      ].join("\n")
    )
    assert.strictEqual(withVariable(before, "EMPTY", value), `${before}${value}`)
    assert.strictEqual(withVariable("A=1", "KEY", value), `A=1\nKEY=${value}\n`)
    assert.strictEqual(withVariable("A=1\r\n", "KEY", "a'b"), null)
  })

  it("reads with Node's own reader as it was written", () => {
    const lines = ["A=1", "KEY=old", 'B="x\nKEY=y"', "# c", "KEY='older'", "C=d # e", ""]
    for (let from = 0; from < lines.length; from++) {
      const before = lines.slice(from).join("\n")
      for (const written of [value, "ek-proxy-$x y#z", 'a"b`c\\n']) {
        const after = withVariable(before, "KEY", written) ?? ""
        assert.deepStrictEqual({ ...parseEnv(after) }, { ...parseEnv(before), KEY: written })
      }
    }
  })

  it.scopedLive("I8: the file is replaced whole, readable by its owner only", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const file = `${path}/.env`
      yield* fs.writeFileString(file, "# mine\nCI=old\n", { mode: 0o644 })
      const note = "its mode was 0644, and is now 0600: its owner alone can read it"
      assert.deepStrictEqual(
        yield* put(`dotenv:${file}`),
        Either.right({ sink: `dotenv:${file}#CI`, proof: "read back", note })
      )
      assert.strictEqual(yield* fs.readFileString(file), `# mine\nCI=${value}\n`)
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* fs.readDirectory(path), [".env"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("what is not UTF-8 is found before a value is made, and left alone", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const bytes = Buffer.from("PASSWORD=p\xe4ss\n", "latin1")
      yield* fs.writeFile(`${path}/.env`, bytes)
      const sink = `dotenv:${path}/.env`
      const checked = Effect.flatMap(Sinks, (sinks) => sinks.check(parse(sink), "ci")).pipe(
        Effect.provide(Layer.provide(Sinks.layer(), NodeHttpClient.layer)),
        Effect.either
      )
      assert.match(reason(yield* checked), /UTF-8/)
      assert.match(reason(yield* put(sink)), /UTF-8/)
      assert.deepStrictEqual(Buffer.from(yield* fs.readFile(`${path}/.env`)), bytes)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("variables of one file that are written at the same time are all there", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const names = Array.from({ length: 8 }, (_, n) => `KEY_${n}`)
      const results = yield* Effect.all(
        names.map((name) => put(`dotenv:${path}/.env#${name}`)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(results.map(reason).filter(Boolean), [])
      assert.hasAllKeys(parseEnv(yield* fs.readFileString(`${path}/.env`)), names)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("a symbolic link, a second name and a folder are refused, and nothing is written", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      yield* fs.writeFileString(`${path}/real`, "A=1\n")
      yield* fs.symlink(`${path}/real`, `${path}/link`)
      yield* fs.makeDirectory(`${path}/dir`)
      assert.match(reason(yield* put(`dotenv:${path}/link`)), /symbolic link/)
      assert.match(reason(yield* put(`dotenv:${path}/dir`)), /not a file/)
      yield* fs.link(`${path}/real`, `${path}/twin`)
      assert.match(reason(yield* put(`dotenv:${path}/twin`)), /hard link/)
      assert.match(reason(yield* put(`dotenv:${path}/none/.env`)), /not there/)
      assert.strictEqual(yield* fs.readFileString(`${path}/real`), "A=1\n")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("command", () => {
  it.scopedLive("I8: is started with what it needs of our environment, and with no secret of it", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const script = `require("fs").writeFileSync(process.argv[1], JSON.stringify(process.env))`
      process.env["SINK_OTHER_ACCOUNT"] = "ek-the-master-key-of-another-account"
      process.env["KEYSWEEP_SIGNING_KEY"] = "signs"
      process.env["VAULT_ADDR"] = "https://vault.example"
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const name of ["SINK_OTHER_ACCOUNT", "KEYSWEEP_SIGNING_KEY", "VAULT_ADDR"]) delete process.env[name]
        })
      )
      yield* put(
        `command:${JSON.stringify([process.execPath, "-e", `require("fs").readFileSync(0);${script}`, `${path}/env`])}`
      )
      const given = JSON.parse(yield* fs.readFileString(`${path}/env`))
      assert.strictEqual(given.VAULT_ADDR, "https://vault.example")
      assert.isString(given.PATH)
      assert.notProperty(given, "KEYSWEEP_SIGNING_KEY")
      assert.notInclude(JSON.stringify(given), "ek-")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("I8: gets the value on standard input and nowhere else", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const script = `require("fs").writeFileSync(process.argv[1], process.argv.length + " " + require("fs").readFileSync(0))`
      const argv = [process.execPath, "-e", script, `${path}/{NAME}`]
      const delivered = yield* Effect.flatten(put(`command:${JSON.stringify(argv)}`, "$(touch x); ci"))
      assert.strictEqual(delivered.proof, "accepted")
      assert.strictEqual(yield* fs.readFileString(`${path}/TOUCH_X_CI`), `2 ${value}`)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("one that cannot even be started by the system is a sink that failed", () =>
    Effect.gen(function* () {
      const argv = [process.execPath, "-e", "0", "x".repeat(3_000_000)]
      assert.match(reason(yield* put(`command:${JSON.stringify(argv)}`)), /cannot be started/)
    })
  )

  it.scopedLive("one that fails, or is not there, has not taken the value", () =>
    Effect.gen(function* () {
      const fails = `command:${JSON.stringify([process.execPath, "-e", "process.exit(3)"])}`
      assert.match(reason(yield* put(fails)), /ended with 3/)
      assert.match(reason(yield* put('command:["/no/such/program"]')), /cannot be started/)
    })
  )
})

describe("age file", () => {
  it.scopedLive("I8: opens for the recipient, and an ordinary file in its place is left alone", () =>
    Effect.gen(function* () {
      const { fs, path } = yield* folder
      const own = SealAge.layerHome(path)
      const [recipient = ""] = yield* Effect.flatMap(Seal, (seal) => seal.recipients).pipe(Effect.provide(own))
      const sink = `age:${path}/{NAME}.age#${recipient}`
      for (let twice = 0; twice < 2; twice++) yield* Effect.flatten(put(sink))
      const sealed = yield* fs.readFile(`${path}/CI.age`)
      assert.notInclude(Buffer.from(sealed).toString("latin1"), value)
      const opened = yield* Effect.flatMap(Seal, (seal) => seal.open(sealed)).pipe(Effect.provide(own))
      assert.strictEqual(Buffer.from(opened).toString(), value)
      yield* fs.writeFileString(`${path}/CI.age`, "notes")
      assert.match(reason(yield* put(sink)), /left alone/)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("Sinks", () => {
  it.effect("I8: a terminal shows a value only where a surface has one", () =>
    Effect.gen(function* () {
      assert.match(reason(yield* put("terminal")), /no terminal/)
      const seen: Array<string> = []
      yield* put("terminal", "ci", (it) => Effect.sync(() => seen.push(Redacted.value(it.value))))
      assert.deepStrictEqual(seen, [value])
    })
  )

  it("finds two keys that one sink cannot tell apart", () => {
    const shared = sharedSink([parse("dotenv:/x#A"), parse("dotenv:/x")], ["a b"])
    assert.isNull(shared)
    assert.deepStrictEqual(sharedSink([parse("dotenv:/x")], ["a b", "a-b"]), {
      sink: "dotenv:/x#A_B",
      names: ["a b", "a-b"]
    })
  })

  it.each([
    ["an age file, whoever can open it", "age:/x/k.age#age1one", "age:/x/../x/k.age#age1two", "age:/x/k.age#age1two"],
    ["a secret of GitHub in other capitals", "github:o/r#KEY", "github:O/R#key", "github:O/R#key"],
    ["a variable of a file", "dotenv:/x#A", "dotenv:/./x#A", "dotenv:/x#A"]
  ])("finds two sinks that are one place: %s", (_, one, other, sink) => {
    assert.deepStrictEqual(sharedSink([parse(one), parse(other)], ["ci"]), { sink, names: ["ci", "ci"] })
  })

  it("says what is wrong with a sink, and keeps one as it was written", () => {
    for (const wrong of [
      "",
      "file",
      "dotenv:#A",
      "github:o#K",
      "github:o/r#GITHUB_X",
      "age:x",
      "command:[]",
      "x:y#z"
    ]) {
      assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(SinkText)(wrong)), wrong)
    }
    const written = ["dotenv:/a#b/.env#KEY", "github:o/r/environments/a/b#K", 'command:["a","#"]', "terminal"]
    assert.deepStrictEqual(
      written.map((text) => Schema.encodeSync(SinkText)(parse(text))),
      written
    )
  })
})
