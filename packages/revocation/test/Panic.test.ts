import { assert, describe, it } from "@effect/vitest"
import { FileSystem } from "@effect/platform"
import { Operator } from "@keysweep/audit/Actor"
import { Checkpoint } from "@keysweep/audit/Event"
import { Log, LogUnavailable } from "@keysweep/audit/Log"
import { RunId } from "@keysweep/audit/RunId"
import { Effect, Either, Layer, Ref, Stream } from "effect"
import { inventoryOf } from "../src/Inventory.ts"
import { type PanicChoice, panicChoices, panicChosen } from "../src/Panic.ts"
import * as SecondSink from "../src/SecondSink.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { account, readingOf, seconds } from "./support.ts"
import { live, makeWorld } from "./world.ts"

const choicesOf = (settings = Settings.none) =>
  panicChoices(
    inventoryOf(
      readingOf([
        {
          name: "tight",
          model_whitelist: ["a"],
          ip_whitelist: ["192.0.2.1"],
          expires_at: seconds + 9e6,
          last_used: seconds
        },
        { name: "off", is_active: false },
        { name: "open", last_used: seconds },
        { name: "old and open" }
      ])
    ),
    settings,
    (requests) => requests * 1000
  )

const typing = (way: "disable" | "delete") => (choices: ReadonlyArray<PanicChoice>) =>
  Effect.succeed(choices.find((choice) => choice.way === way)?.phrase ?? "")

const quiet = { reason: "leak", onTrouble: () => Effect.void }

describe("Panic", () => {
  it("shows both ways with their requests and time, riskiest keys first", () => {
    const [disable, remove] = choicesOf()
    assert.deepStrictEqual(
      disable?.keys.map(({ name }) => name),
      ["open", "old and open", "tight"]
    )
    assert.deepStrictEqual([disable?.requests, disable?.seconds, disable?.method], [3, 3, "each"])
    assert.deepStrictEqual([remove?.requests, remove?.keys.length, remove?.method], [1, 4, "bulk"])
  })

  it("only an exact phrase chooses, and it names way, count and account", () => {
    const choices = choicesOf()
    assert.strictEqual(panicChosen(choices, choices[1]?.phrase ?? "")?.way, "delete")
    assert.match(choices[0]?.phrase ?? "", /^panic disable 3 acct_/)
    for (const answer of ["", "y", "panic", "panic delete", (choices[1]?.phrase ?? "").toUpperCase()]) {
      assert.isNull(panicChosen(choices, answer))
    }
  })

  it("I12: a protected key is skipped in a panic too, and then nothing is deleted in bulk", () => {
    const [, remove] = choicesOf(Either.getOrThrow(parseSettings("f", "protected: [{ name: tight }]")))
    assert.deepStrictEqual(
      remove?.skipped.map(({ name }) => name),
      ["tight"]
    )
    assert.strictEqual(remove?.method, "each")
    assert.isFalse(remove?.keys.some(({ name }) => name === "tight"))
  })

  it.scopedLive("reaches zero active keys one by one, and proves it", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose: typing("disable") })
      assert.strictEqual(receipt.outcome, "done")
      assert.isFalse(((yield* world.state)?.keys ?? []).some((key) => key.is_active))
      assert.isFalse((yield* world.writes).some((line) => line.includes("delete")))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("deletes everything in one request, with a backup before it", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose: typing("delete") })
      assert.strictEqual(receipt.outcome, "done")
      assert.deepStrictEqual(yield* world.writes, ["DELETE /v1/auth/proxy/delete"])
      assert.deepStrictEqual(yield* world.names, [])
      assert.notStrictEqual(receipt.backup, "none")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("three misses end it with nothing changed", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const asked = yield* Ref.make(0)
      const choose = () =>
        Effect.as(
          Ref.update(asked, (n) => n + 1),
          "panic!"
        )
      const error = yield* Effect.flip(world.sweep.panic({ ...quiet, home: world.home, choose }))
      assert.isTrue(error._tag === "ConfirmationRefused" && error.reason === "three misses")
      assert.strictEqual(yield* Ref.get(asked), 3)
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I1: goes on without a backup, and its absence is on record", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { account } = yield* world.sweep.inventory
      yield* world.fs.writeFileString(`${world.home}/accounts/${account}/backups`, "a file where a folder should be")
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose: typing("disable") })
      assert.strictEqual(receipt.outcome, "done")
      assert.strictEqual(receipt.backup, "none")
      assert.isTrue((yield* world.events).some((event) => event._tag === "BackupMissing"))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I9: goes on without the log, to a second file, and says so loudly once; no secret is in it", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const { account } = yield* world.sweep.inventory
      yield* world.fs.writeFileString(`${world.home}/accounts/${account}/log`, "a file where a folder should be")
      const told = yield* Ref.make<ReadonlyArray<string>>([])
      const receipt = yield* world.sweep.panic({
        reason: null,
        home: world.home,
        choose: typing("disable"),
        onTrouble: (file) => Ref.update(told, (all) => [...all, file])
      })
      const files = yield* Ref.get(told)
      assert.strictEqual(files.length, 1)
      assert.isFalse(((yield* world.state)?.keys ?? []).some((key) => key.is_active))
      assert.isTrue(receipt.keys.every(({ outcome }) => outcome === "done"))
      const lines = (yield* world.fs.readFileString(files[0] ?? "")).trim().split("\n")
      assert.isAbove(lines.length, receipt.keys.length * 2)
      assert.isTrue(lines.every((line) => typeof JSON.parse(line).event._tag === "string"))
      assert.notMatch(lines.join(), /ek-/)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a key made meanwhile by somebody else is found, and the panic is not called done", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const choose = (choices: ReadonlyArray<PanicChoice>) =>
        Effect.zipRight(world.create("attacker"), typing("disable")(choices))
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose })
      assert.strictEqual(receipt.outcome, "partial")
      assert.strictEqual(receipt.keys.find(({ name }) => name === "attacker")?.outcome, "failed")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a resumed panic goes on with the keys that somebody made meanwhile, first of all", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const choose = (choices: ReadonlyArray<PanicChoice>) =>
        Effect.zipRight(world.create("attacker"), typing("disable")(choices))
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose })
      assert.strictEqual(receipt.outcome, "partial")
      yield* world.create("attacker 2")
      const resumed = yield* world.sweep.resume(RunId.make(receipt.run))
      assert.strictEqual(resumed.outcome, "done", JSON.stringify(resumed.keys))
      assert.deepStrictEqual(
        resumed.keys.slice(0, 2).map(({ name }) => name),
        ["attacker", "attacker 2"]
      )
      assert.isFalse(((yield* world.state)?.keys ?? []).some((key) => key.is_active))
      const planned = (yield* world.events).flatMap((event) => (event._tag === "KeyPlanned" ? [event.key.name] : []))
      assert.includeMembers(planned, ["attacker", "attacker 2"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("where the one request fails half way, the rest goes one by one, and it is not sent again", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const bulk = { method: "DELETE", path: "/auth/proxy/delete" }
      yield* world.emulator.faults([{ match: bulk, kind: "partial", skip: 4 }])
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose: typing("delete") })
      assert.strictEqual(receipt.outcome, "done", receipt.stopped ?? "")
      assert.deepStrictEqual(yield* world.names, [])
      const writes = yield* world.writes
      assert.lengthOf(
        writes.filter((line) => line.startsWith("DELETE")),
        1
      )
      assert.lengthOf(writes, receipt.keys.length - 4 + 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I10: an account of which nothing can be read is not called done", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.sweep.inventory
      const list = { method: "GET", path: "/auth/proxy" }
      yield* world.emulator.faults([{ match: list, kind: "status", status: 200, body: "[{}]", times: 9 }])
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose: typing("disable") })
      assert.strictEqual(receipt.outcome, "unverified")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I10: a key that appears after a panic that found none is told", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ emulator: { seed: "empty" } })
      const choose = (choices: ReadonlyArray<PanicChoice>) =>
        Effect.zipRight(world.create("attacker"), typing("disable")(choices))
      const receipt = yield* world.sweep.panic({ ...quiet, home: world.home, choose })
      assert.deepStrictEqual(
        receipt.keys.map(({ name, outcome }) => [name, outcome]),
        [["attacker", "failed"]]
      )
      assert.strictEqual(receipt.outcome, "failed")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a log that has refused once is not waited for again", () =>
    Effect.gen(function* () {
      const home = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      const asked = yield* Ref.make(0)
      const no = new LogUnavailable({ detail: "the disk hangs" })
      const broken = Layer.succeed(Log, {
        account,
        append: () =>
          Effect.zipRight(
            Ref.update(asked, (n) => n + 1),
            Effect.fail(no)
          ),
        records: Effect.fail(no),
        heard: () => Effect.fail(no),
        stream: Stream.fail(no),
        anchor: Effect.fail(no),
        bundle: Stream.fail(no),
        verify: () => Effect.fail(no)
      })
      const told = yield* Ref.make(0)
      const sink = SecondSink.layer(home, () => Ref.update(told, (n) => n + 1)).pipe(
        Layer.provide(broken),
        Layer.provide(Layer.succeed(Operator, { actor: { name: "os:ada", authenticated: false }, surface: "library" }))
      )
      const event = Checkpoint.make({ anchor: "1:0" })
      const log = yield* Effect.provide(Log, sink)
      yield* Effect.replicateEffect(log.append(event), 5)
      assert.deepStrictEqual([yield* Ref.get(asked), yield* Ref.get(told)], [1, 1])
    }).pipe(Effect.provide(live))
  )
})
