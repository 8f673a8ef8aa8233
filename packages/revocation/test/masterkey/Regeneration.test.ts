import { assert, describe, it } from "@effect/vitest"
import { FileSystem } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { CallIntended, CallSettled, LeakReported, MasterKeyPlanned } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { makeRunId } from "@keysweep/audit/RunId"
import { Account, type AccountId, accountIdOf } from "@keysweep/core/Account"
import { PacerStore } from "@keysweep/core/PacerStore"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { type Context, Effect, Exit, Layer, Redacted, Ref, Schema, Scope } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Confirmation } from "../../src/Confirmation.ts"
import { read } from "../../src/Inventory.ts"
import { incidentIn } from "../../src/masterkey/Incident.ts"
import { type Proposal, regenerate } from "../../src/masterkey/Regeneration.ts"
import { Progress } from "../../src/Progress.ts"
import { Settings } from "../../src/Settings.ts"
import { SinkText } from "../../src/sinks/SinkTarget.ts"
import * as SweepFiles from "../../src/SweepFiles.ts"
import { live } from "../world.ts"

const regen = { method: "GET", path: "/auth/key/regen" }

const makeRenewal = ({ timeScale = 60, ...options }: EmulatorOptions = {}, running?: Context.Tag.Service<Emulator>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "keysweep-" })
    const home = join(folder, "home")
    const emulator = running ?? (yield* Emulator.start({ rpm: 1000, timeScale, ...options }))
    const file = join(folder, "app.env")
    const told = yield* Ref.make<ReadonlyArray<string>>([])
    const as = (masterKey: Redacted.Redacted) =>
      SweepFiles.layer({
        account: { masterKey, baseUrl: emulator.url, timeScale },
        home,
        userAgent: "keysweep/test"
      }).pipe(
        Layer.provide(NodeHttpClient.layer),
        Layer.provideMerge(
          Layer.mergeAll(
            Settings.layerNone,
            Confirmation.layerNobody,
            Progress.layerSilent,
            Layer.succeed(Operator, { actor: { name: "os:ada", authenticated: true }, surface: "library" })
          )
        )
      )
    const old = as(emulator.apiKey)
    const renew = (sinks = [`dotenv:${file}#KEY`], confirm = (proposal: Proposal) => Effect.succeed(proposal.phrase)) =>
      regenerate({
        reason: "leak",
        sinks: sinks.map((text) => Schema.decodeSync(SinkText)(text)),
        confirm,
        lastResort: ({ value }) => Ref.update(told, (all) => [...all, Redacted.value(value)])
      })
    const records = Effect.flatMap(read, ({ account }) =>
      Effect.flatMap(Log, (log) => log.records).pipe(Effect.provide(Log.layer(account)))
    )
    /** How the requests for a new key ended, as the log of an account says. */
    const settled = (account: AccountId) =>
      Effect.map(Effect.flatMap(Log, (log) => log.records).pipe(Effect.provide(Log.layer(account))), (all) =>
        all.flatMap(({ event }) => (event._tag === "CallSettled" ? [event.outcome.result] : []))
      )
    const masterKey = Effect.map(emulator.state, ({ accounts }) => String(accounts[0]?.apiKey))
    const stored = Effect.map(
      Effect.orElseSucceed(fs.readFileString(file), () => ""),
      (text) => text.replace(/^KEY=/, "").trim()
    )
    const asked = Effect.map(
      emulator.requests,
      (all) => all.filter(({ path }) => path.endsWith("/auth/key/regen")).length
    )
    return { as, asked, emulator, file, folder, fs, home, masterKey, old, records, renew, settled, stored, told }
  })

describe("Regeneration", () => {
  it.scopedLive(
    "the new key is in the sink and nowhere else, works, the old one is dead, and account, log and pace go on",
    () =>
      Effect.gen(function* () {
        // The slots of all requests are still there at the end, however long it takes.
        const world = yield* makeRenewal({ timeScale: 1 })
        const before = Redacted.value(world.emulator.apiKey)
        const id = yield* Effect.provide(
          Effect.gen(function* () {
            const { account } = yield* read
            const leak = LeakReported.make({ key: null, source: "typed", detector: null, place: null })
            yield* Effect.flatMap(Log, (log) => log.append(leak)).pipe(Effect.provide(Log.layer(account)))
            return account
          }),
          world.old
        )
        const document = yield* Effect.provide(world.renew(), world.old)
        const now = yield* world.masterKey
        assert.strictEqual(document.outcome, "done", String(document.detail))
        assert.notStrictEqual(now, before)
        assert.strictEqual(yield* world.stored, now)
        assert.deepStrictEqual([document.from, document.to], [accountIdOf(before), accountIdOf(now)])
        const requestsBefore = (yield* world.emulator.requests).length
        const records = yield* Effect.provide(world.records, world.as(Redacted.make(now)))
        assert.strictEqual((yield* world.emulator.requests).length - requestsBefore, 1, "no lookup is needed again")
        assert.isTrue(records.every(({ account }) => account === id))
        const tags = records.map(({ event }) => event._tag)
        for (const [first, second] of [
          ["MasterKeyPlanned", "CallIntended"],
          ["CallIntended", "MasterKeyDelivered"],
          ["MasterKeyDelivered", "AccountRekeyed"],
          ["AccountRekeyed", "RunFinished"]
        ] as const) {
          assert.isBelow(tags.indexOf(first), tags.indexOf(second), `${first} before ${second}`)
        }
        const at = (tag: string) => records.find(({ event }) => event._tag === tag)?.at
        assert.deepStrictEqual(incidentIn(records), document.incident)
        assert.deepStrictEqual(
          [document.incident?.startedAt, document.incident?.masterKeyRenewedAt],
          [at("LeakReported"), at("AccountRekeyed")]
        )
        const pace = (key: string) =>
          Effect.flatMap(PacerStore, (store) => store.modify(accountIdOf(key), (state) => [state.slots.length, state]))
        assert.isAtLeast(yield* Effect.provide(pace(now), world.old), 3)
        const written = readdirSync(world.home, { recursive: true, withFileTypes: true })
          .filter((it) => it.isFile())
          .map((it) => readFileSync(join(it.parentPath, it.name), "latin1"))
          .join("")
        assert.notInclude(written, now)
        assert.notInclude(JSON.stringify(document), now)
        assert.deepStrictEqual(yield* Ref.get(world.told), [])
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("a request that never left is known to have done nothing", () =>
    Effect.gen(function* () {
      const server = yield* Scope.make()
      const emulator = yield* Scope.extend(Emulator.start({ timeScale: 60 }), server)
      const world = yield* makeRenewal({}, emulator)
      const stopped = (proposal: Proposal) => Effect.as(Scope.close(server, Exit.void), proposal.phrase)
      const document = yield* Effect.provide(world.renew(undefined, stopped), world.old)
      assert.strictEqual(document.outcome, "failed")
      assert.match(document.detail ?? "", /ECONNREFUSED.*as it was/)
      assert.deepStrictEqual(yield* Effect.provide(world.settled(document.account), world.old), ["unknown", "undone"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a request without an answer stays open while the old key works: it may have its effect later", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      const unanswered = { match: regen, kind: "drop-before", times: 1 } as const
      yield* world.emulator.faults([unanswered])
      const first = yield* Effect.provide(world.renew(), world.old)
      assert.strictEqual(first.outcome, "unverified")
      assert.match(first.detail ?? "", /still works, but the request may yet arrive.*keysweep list/)
      assert.deepStrictEqual(yield* Effect.provide(world.settled(first.account), world.old), ["unknown"])

      const body = '{"error":{"message":"Rate limit exceeded. Try again in 6 seconds."}}'
      const hourly = { match: regen, kind: "status", status: 429, body } as const
      yield* world.emulator.faults([hourly])
      const limited = yield* Effect.provide(world.renew(), world.old)
      assert.strictEqual(limited.outcome, "limit")
      assert.match(limited.detail ?? "", /may have made one.*dashboard/)
      assert.notInclude(limited.detail ?? "", "as it was")

      // What was on its way arrives.
      const bearer = `Bearer ${Redacted.value(world.emulator.apiKey)}`
      const late = yield* Effect.promise(() =>
        fetch(`${world.emulator.url}/auth/key/regen`, { headers: { authorization: bearer } })
      )
      assert.strictEqual(late.status, 200)
      const refused = yield* Effect.flip(Effect.provide(world.renew(), world.old))
      assert.strictEqual(refused._tag, "Unauthorized")
      assert.include(refused.message, "app.env")

      const now = world.as(Redacted.make(yield* world.masterKey))
      yield* Effect.flip(Effect.provide(world.renew([]), now))
      assert.deepStrictEqual(yield* Effect.provide(world.settled(first.account), now), ["unknown", "refused", "done"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "what is open is settled when another request has replaced its key, or the key works after an hour",
    () =>
      Effect.gen(function* () {
        const world = yield* makeRenewal()
        yield* world.emulator.faults([{ match: regen, kind: "drop-before", times: 1 }])
        const { account } = yield* Effect.provide(world.renew(), world.old)
        assert.strictEqual((yield* Effect.provide(world.renew(), world.old)).outcome, "done")
        const now = world.as(Redacted.make(yield* world.masterKey))
        assert.deepStrictEqual(yield* Effect.provide(world.settled(account), now), ["unknown", "done", "undone"])

        const quick = yield* makeRenewal({ timeScale: 3_600_000 })
        yield* quick.emulator.faults([{ match: regen, kind: "drop-before", times: 1 }])
        const slow = yield* Effect.provide(quick.renew(), quick.old)
        yield* Effect.flip(Effect.provide(quick.renew([]), quick.old))
        assert.deepStrictEqual(yield* Effect.provide(quick.settled(slow.account), quick.old), ["unknown", "undone"])
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("of two requests without an answer that carried the same key, one had its effect", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      for (const kind of ["drop-before", "drop-after"] as const) {
        yield* world.emulator.faults([{ match: regen, kind, times: 1 }])
        yield* Effect.provide(world.renew(), world.old)
      }
      const now = world.as(Redacted.make(yield* world.masterKey))
      yield* Effect.flip(Effect.provide(world.renew([]), now))
      const events = (yield* Effect.provide(world.records, now)).map(({ event }) => event)
      const settled = events.flatMap((event) => (event._tag === "CallSettled" ? [event.outcome.result] : []))
      assert.deepStrictEqual(settled, ["unknown", "unknown", "done", "undone"])
      assert.lengthOf(
        events.filter((event) => event._tag === "AccountRekeyed"),
        1
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I5: a lost answer is settled by reading and never asked for again", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      yield* world.emulator.faults([{ match: regen, kind: "drop-after", times: 1 }])
      const lost = yield* Effect.provide(world.renew(), world.old)
      assert.strictEqual(lost.outcome, "failed")
      assert.match(lost.detail ?? "", /dead.*dashboard/)
      assert.deepStrictEqual([yield* world.stored, yield* world.asked], ["", 1])
      const again = yield* Effect.flip(Effect.provide(world.renew(), world.old))
      assert.strictEqual(again._tag, "Unauthorized")
      assert.include(again.message, "app.env")
      assert.strictEqual(yield* world.asked, 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("once an hour: our own is known before a request, somebody else's is the vendor's 429", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      yield* Effect.provide(world.renew(), world.old)
      const now = world.as(Redacted.make(yield* world.masterKey))
      const blocked = yield* Effect.flip(Effect.provide(world.renew(), now))
      assert.isTrue(blocked._tag === "GateBlocked" && blocked.message.includes("once an hour"), blocked.message)
      assert.strictEqual(yield* world.asked, 1)

      const other = yield* makeRenewal()
      const body = '{"error":{"message":"API key can be regenerated once per hour."}}'
      yield* other.emulator.faults([{ match: regen, kind: "status", status: 429, body }])
      const limited = yield* Effect.provide(other.renew(), other.old)
      assert.strictEqual(limited.outcome, "limit")
      assert.include(limited.detail ?? "", "as it was")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("nothing is sent without a sink that can take the value, or without the phrase", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      for (const sinks of [[], [`dotenv:${world.folder}/missing/app.env#KEY`], ["terminal"]]) {
        const error = yield* Effect.flip(Effect.provide(world.renew(sinks), world.old))
        assert.strictEqual(error._tag, "GateBlocked", sinks.join())
      }
      const wrong = world.renew(undefined, ({ account }) => Effect.succeed(`regenerate ${account}x`))
      assert.strictEqual((yield* Effect.flip(Effect.provide(wrong, world.old)))._tag, "ConfirmationRefused")
      assert.strictEqual(yield* world.asked, 0)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "a value is not lost where one sink fails, where all do, or where the log is gone after the answer",
    () =>
      Effect.gen(function* () {
        const world = yield* makeRenewal()
        const failing = 'command:["false"]'
        const partial = yield* Effect.provide(world.renew([failing, `dotenv:${world.file}#KEY`]), world.old)
        assert.strictEqual(partial.outcome, "partial")
        assert.strictEqual(yield* world.stored, yield* world.masterKey)
        assert.deepStrictEqual(yield* Ref.get(world.told), [])

        const none = yield* makeRenewal()
        assert.strictEqual((yield* Effect.provide(none.renew([failing]), none.old)).outcome, "partial")
        assert.deepStrictEqual(yield* Ref.get(none.told), [yield* none.masterKey])

        const blind = yield* makeRenewal()
        const { account } = yield* Effect.provide(read, blind.old)
        const log = `${blind.home}/accounts/${account}/log`
        const away = `command:${JSON.stringify(["sh", "-c", `mv ${log} ${log}.away; touch ${log}; cat > ${blind.file}`])}`
        const records = yield* Effect.provide(blind.renew([away]), blind.old)
        assert.strictEqual(records.outcome, "records")
        assert.strictEqual(yield* blind.stored, yield* blind.masterKey)
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("I6: what a killed process left open is settled by the next, whichever key works", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      const orphan = Effect.gen(function* () {
        const { credential } = yield* Account
        const run = yield* makeRunId
        const log = yield* Log
        yield* log.append(MasterKeyPlanned.make({ credential, sinks: ["terminal"], reason: null }), run)
        yield* log.append(CallIntended.make({ id: `call_${run}`, intent: { call: "regenerate" } }), run)
      })
      yield* Effect.flatMap(read, ({ account }) => Effect.provide(orphan, Log.layer(account))).pipe(
        Effect.provide(world.old)
      )
      assert.strictEqual((yield* Effect.provide(world.renew(), world.old)).outcome, "done")
      const now = world.as(Redacted.make(yield* world.masterKey))
      const settled = (yield* Effect.provide(world.records, now)).flatMap(({ event }) =>
        event._tag === "CallSettled" ? [event.outcome.result] : []
      )
      assert.deepStrictEqual(settled, ["done", "undone"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I6: a death between the answer's record and the link to the new key is made good by the next", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal()
      const old = accountIdOf("ek-older")
      const died = Effect.gen(function* () {
        const run = yield* makeRunId
        const log = yield* Log
        const id = `call_${run}`
        yield* log.append(MasterKeyPlanned.make({ credential: old, sinks: ["terminal"], reason: null }), run)
        yield* log.append(CallIntended.make({ id, intent: { call: "regenerate" } }), run)
        yield* log.append(CallSettled.make({ id, outcome: { result: "done" } }), run)
      })
      yield* Effect.flatMap(read, ({ account }) => Effect.provide(died, Log.layer(account))).pipe(
        Effect.provide(world.old)
      )
      for (const _ of ["the first that comes by", "whoever comes then"]) {
        const blocked = yield* Effect.flip(Effect.provide(world.renew(), world.old))
        assert.include(blocked.message, "less than an hour")
        const records = yield* Effect.provide(world.records, world.old)
        const { credential } = yield* Effect.provide(Account, world.old)
        const made = records.flatMap(({ event }) =>
          event._tag === "AccountRekeyed" || event._tag === "RunFinished" ? [event] : []
        )
        assert.deepStrictEqual(
          made.map((event) => (event._tag === "AccountRekeyed" ? [event.from, event.to] : event.outcome)),
          [[old, credential], "unverified"]
        )
      }
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("an account without keys is known by its master key: its log goes on under the new one", () =>
    Effect.gen(function* () {
      const world = yield* makeRenewal({ seed: "empty" })
      const document = yield* Effect.provide(world.renew(), world.old)
      assert.strictEqual(document.account, document.from)
      const records = yield* Effect.provide(world.records, world.as(Redacted.make(yield* world.masterKey)))
      const linked = records.flatMap(({ event }) => (event._tag === "AccountRekeyed" ? [[event.from, event.to]] : []))
      assert.deepStrictEqual(linked, [[document.from, document.to]])
    }).pipe(Effect.provide(live))
  )
})
