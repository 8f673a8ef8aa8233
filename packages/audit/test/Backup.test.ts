import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, FastCheck as fc, Layer, Redacted, Schema } from "effect"
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inspectAge } from "../src/AgeFile.ts"
import { Backups, BackupUnavailable } from "../src/Backup.ts"
import { BackupStore } from "../src/BackupStore.ts"
import { Seal } from "../src/Seal.ts"
import { layerHome, layerPassphrase, layerRecipients } from "../src/SealAge.ts"
import { Snapshot } from "../src/Snapshot.ts"
import { layer as fileBackupStore } from "../src/store/FileBackupStore.ts"
import { account, key, makeHome, numbers, runId } from "./support/Fixture.ts"

const at = DateTime.unsafeMake(1_795_000_000_000)
const three = {
  run: runId(1),
  at,
  keys: numbers(3).map((n) =>
    key(n, n === 2 ? { other: { brand_new_field: { deep: [1, "ek-proxy-0123456789abcdef"] } } } : {})
  )
}

const folder = (home: string) => join(home, "accounts", account, "backups")
const file = (home: string, id: string, kind = "age") => join(folder(home), `${id}.${kind}`)

const withBackups = <A, E>(
  home: string,
  seal: Layer.Layer<Seal>,
  use: (backups: Backups["Type"]) => Effect.Effect<A, E>
) =>
  Effect.flatMap(Backups, use).pipe(
    Effect.provide(Backups.layer(account)),
    Effect.provide([seal, fileBackupStore(home)])
  )

describe("taking a backup", () => {
  it.effect("I1: keeps every setting, known or not, and can be shown again", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* withBackups(home, layerHome(home), (backups) =>
        Effect.gen(function* () {
          const manifest = yield* backups.take(three)
          const snapshot = yield* backups.show(manifest.id)
          assert.strictEqual(snapshot.account, account)
          assert.deepStrictEqual(DateTime.toEpochMillis(snapshot.at), DateTime.toEpochMillis(at))
          assert.deepStrictEqual(
            Schema.encodeSync(Snapshot)(snapshot).keys.slice(0, 2),
            Schema.encodeSync(Snapshot)({ ...snapshot, keys: three.keys }).keys.slice(0, 2)
          )
          assert.property(snapshot.keys[2]?.other, "brand_new_field")
          assert.strictEqual(manifest.checked, "opened")
          assert.deepStrictEqual(yield* backups.list, [manifest])
        })
      )
    })
  )

  it.effect("I8: no secret in the backup, no setting and no name in the manifest", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* withBackups(home, layerHome(home), (backups) =>
        Effect.gen(function* () {
          const { id } = yield* backups.take(three)
          const identity = readFileSync(join(home, "identity.txt"), "utf8").split("\n")[2] ?? ""
          const decrypter = new Decrypter()
          decrypter.addIdentity(identity)
          const content = yield* Effect.promise(() => decrypter.decrypt(readFileSync(file(home, id)), "text"))
          assert.include(content, "brand_new_field")
          assert.notInclude(content, "ek-proxy-0123456789abcdef")
          const manifest = readFileSync(file(home, id, "json"), "utf8")
          assert.notMatch(manifest, /gpt-4o|"key 1"|brand_new_field|AGE-SECRET/)
        })
      )
      for (const name of readdirSync(folder(home))) {
        assert.strictEqual(statSync(join(folder(home), name)).mode & 0o777, 0o600)
        assert.notInclude(readFileSync(join(folder(home), name), "latin1"), "gpt-4o")
      }
    })
  )

  it.effect("makes an identity on first use, mode 0600, tells once, and uses it from then on", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const seal = layerHome(home)
      const made = Effect.flatMap(Seal, (it) => Effect.zipRight(it.seal(Buffer.from("x")), it.made))
      assert.strictEqual(yield* Effect.provide(made, seal), join(home, "identity.txt"))
      const text = readFileSync(join(home, "identity.txt"), "utf8")
      assert.match(text, /^# created: .*\n# public key: age1[0-9a-z]+\nAGE-SECRET-KEY-1[0-9A-Z]+\n$/)
      assert.strictEqual(statSync(join(home, "identity.txt")).mode & 0o777, 0o600)
      assert.isNull(yield* Effect.provide(made, seal))
      assert.strictEqual(readFileSync(join(home, "identity.txt"), "utf8"), text)
    })
  )

  it.effect("with public recipients only: taken and checked blind, opened elsewhere by any of them", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const people = yield* Effect.promise(() => Promise.all(numbers(3).map(() => generateX25519Identity())))
      const recipients = yield* Effect.promise(() => Promise.all(people.map(identityToRecipient)))
      const manifest = yield* withBackups(home, layerRecipients(recipients), (backups) => backups.take(three))
      assert.strictEqual(manifest.checked, "read back")
      assert.deepStrictEqual(manifest.recipients, recipients)
      const blind = yield* withBackups(home, layerRecipients(recipients), (backups) => backups.verify(manifest.id))
      assert.deepInclude(blind, { opened: false, recipients: 3, keys: 3 })
      for (const [i, person] of people.entries()) {
        const other = join(home, `person-${i}`)
        mkdirSync(other)
        writeFileSync(join(other, "identity.txt"), `${person}\n`)
        const verification = yield* withBackups(home, layerHome(other), (backups) => backups.verify(manifest.id))
        assert.isTrue(verification.opened)
      }
    })
  )

  it.effect("I9: a folder that cannot be written refuses, and leaves nothing that looks like a backup", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      mkdirSync(join(home, "accounts", account), { recursive: true })
      writeFileSync(folder(home), "a file where the folder should be")
      const error = yield* Effect.flip(withBackups(home, layerHome(home), (backups) => backups.take(three)))
      assert.instanceOf(error, BackupUnavailable)
      assert.match(error.detail, /ENOTDIR|EEXIST/)
    })
  )

  it.effect("I1: a store that does not give back what it was given refuses", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const lying = Layer.effect(
        BackupStore,
        Effect.map(BackupStore, (real) =>
          BackupStore.of({ ...real, put: (where, id, sealed) => real.put(where, id, sealed.subarray(1)) })
        )
      ).pipe(Layer.provide(fileBackupStore(home)))
      const error = yield* Effect.flatMap(Backups, (it) => Effect.flip(it.take(three))).pipe(
        Effect.provide(Backups.layer(account)),
        Effect.provide([layerHome(home), lying])
      )
      assert.include(error.detail, "does not read back")
      assert.deepStrictEqual(yield* withBackups(home, layerHome(home), (it) => it.list), [])
    })
  )
})

describe("a backup that is not what it was", () => {
  const damage: ReadonlyArray<readonly [string, (home: string, id: string) => void, string]> = [
    ["missing", (home, id) => rmSync(file(home, id)), "missing"],
    ["without its manifest", (home, id) => rmSync(file(home, id, "json")), "missing"],
    [
      "truncated",
      (home, id) => writeFileSync(file(home, id), readFileSync(file(home, id)).subarray(0, -20)),
      "truncated"
    ],
    ["empty", (home, id) => writeFileSync(file(home, id), ""), "truncated"],
    [
      "altered by one bit",
      (home, id) => writeFileSync(file(home, id), flipped(readFileSync(file(home, id)))),
      "altered"
    ],
    [
      "of another version",
      (home, id) => writeFileSync(file(home, id), replaced(readFileSync(file(home, id)), "/v1\n", "/v9\n")),
      "unsupported version"
    ],
    ["not age at all", (home, id) => writeFileSync(file(home, id), Buffer.alloc(2000, 65)), "not age"],
    [
      "with the manifest of another",
      (home, id) =>
        writeFileSync(
          file(home, id, "json"),
          readFileSync(file(home, id, "json"), "utf8").replace(id, "bk_000000000_0000000000")
        ),
      "altered"
    ]
  ]
  for (const [what, apply, reason] of damage) {
    it.effect(`${what}: ${reason}, said without showing content`, () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        yield* withBackups(home, layerHome(home), (backups) =>
          Effect.gen(function* () {
            const { id } = yield* backups.take(three)
            apply(home, id)
            for (const error of [yield* Effect.flip(backups.verify(id)), yield* Effect.flip(backups.show(id))]) {
              assert.isTrue(error._tag === "BackupDamaged" && error.reason === reason, error.message)
              assert.notMatch(JSON.stringify(error), /gpt-4o|key 1/)
            }
          })
        )
      })
    )
  }

  it.effect(
    "sealed for somebody else, or with another passphrase: two different errors",
    () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        const { id } = yield* withBackups(home, layerHome(home), (backups) => backups.take(three))
        const stranger = yield* makeHome
        yield* Effect.flatMap(Seal, (it) => it.seal(Buffer.from("x"))).pipe(Effect.provide(layerHome(stranger)))
        const wrong = yield* Effect.flip(withBackups(home, layerHome(stranger), (backups) => backups.verify(id)))
        assert.isTrue(wrong._tag === "BackupDamaged" && wrong.reason === "wrong recipient")
        // The same as ours but for the work that the passphrase costs: that is another test.
        const encrypter = new Encrypter()
        encrypter.setScryptWorkFactor(10)
        encrypter.setPassphrase("correct horse")
        const sealed = yield* Effect.promise(() => encrypter.encrypt("x"))
        const open = (phrase: string) =>
          Effect.flatMap(Seal, (it) => it.open(sealed)).pipe(Effect.provide(layerPassphrase(Redacted.make(phrase))))
        assert.strictEqual(Buffer.from(yield* open("correct horse")).toString(), "x")
        const error = yield* Effect.flip(open("battery staple"))
        assert.isTrue(error._tag === "SealBroken" && error.reason === "wrong passphrase")
      }),
    180_000
  )

  it.effect(
    "a passphrase costs whoever guesses as much work as age asks for",
    () =>
      Effect.gen(function* () {
        const phrase = layerPassphrase(Redacted.make("correct horse"))
        const sealed = yield* Effect.flatMap(Seal, (it) => it.seal(Buffer.from("x"))).pipe(Effect.provide(phrase))
        const factor = / scrypt \S+ (\d+)\n/.exec(Buffer.from(sealed).toString("latin1"))?.[1]
        assert.isAtLeast(Number(factor), 18)
        const header = inspectAge(sealed)
        assert.isTrue(header._tag === "Right" && header.right.stanzas.includes("scrypt"))
      }),
    180_000
  )

  it.effect("a snapshot of a newer program is of an unsupported version, not a crash", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const seal = layerHome(home)
      const { id } = yield* withBackups(home, seal, (backups) => backups.take(three))
      const sealed = yield* Effect.flatMap(Seal, (it) =>
        it.seal(Buffer.from('{"schema":"keysweep.backup/2","all":"new"}'))
      ).pipe(Effect.provide(seal))
      const hash = (bytes: Uint8Array) => execFileSync("sha256sum", { input: bytes, encoding: "utf8" }).slice(0, 64)
      const manifest = JSON.parse(readFileSync(file(home, id, "json"), "utf8"))
      writeFileSync(file(home, id), sealed)
      writeFileSync(file(home, id, "json"), JSON.stringify({ ...manifest, bytes: sealed.length, sha256: hash(sealed) }))
      const error = yield* Effect.flip(withBackups(home, seal, (backups) => backups.verify(id)))
      assert.isTrue(error._tag === "BackupDamaged" && error.reason === "unsupported version")
    })
  )

  it("the outside of any bytes whatever is looked at without a crash; only a whole file passes", async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()))
    const good = await encrypter.encrypt("x".repeat(70_000))
    assert.strictEqual(inspectAge(good)._tag, "Right")
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => inspectAge(bytes)._tag === "Left"),
      { numRuns: 300 }
    )
    fc.assert(
      fc.property(fc.nat(good.length - 1), (cut) => {
        const result = inspectAge(good.subarray(0, cut))
        // A cut at a border of blocks leaves a file of the right form: the manifest's size and hash tell.
        return result._tag === "Left" ? ["truncated", "altered"].includes(result.left.reason) : true
      }),
      { numRuns: 300 }
    )
  })
})

describe("an id", () => {
  it.effect("that is none reaches no file", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const error = yield* Effect.flip(
        withBackups(home, layerHome(home), (backups) => backups.verify("../../identity.txt"))
      )
      assert.isTrue(error._tag === "BackupDamaged" && error.reason === "missing")
    })
  )
})

const stockAge = spawnSync("age", ["--version"]).status === 0
if (!stockAge)
  process.stderr.write(
    "\n*** SKIPPED: age is not on the PATH, so backups were not opened with it (Debian: apt-get install age) ***\n\n"
  )

describe.runIf(stockAge)("stock age", () => {
  it.effect("opens our backups with the identity that we made", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const { id } = yield* withBackups(home, layerHome(home), (backups) => backups.take(three))
      const content = execFileSync("age", ["-d", "-i", join(home, "identity.txt"), file(home, id)], {
        encoding: "utf8"
      })
      assert.strictEqual(JSON.parse(content).schema, "keysweep.backup/1")
    })
  )

  it.effect("and its files and identities are opened by us", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      mkdirSync(home, { recursive: true })
      execFileSync("age-keygen", ["-o", join(home, "identity.txt")], { stdio: "ignore" })
      const recipient = execFileSync("age-keygen", ["-y", join(home, "identity.txt")], { encoding: "utf8" }).trim()
      const sealed = execFileSync("age", ["-r", recipient], { input: "from stock age" })
      const opened = yield* Effect.flatMap(Seal, (it) => it.open(sealed)).pipe(Effect.provide(layerHome(home)))
      assert.strictEqual(Buffer.from(opened).toString(), "from stock age")
    })
  )
})

const flipped = (bytes: Buffer): Buffer => {
  const at = bytes.length - 10
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
const replaced = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString("latin1").replace(from, to), "latin1")
