import { assert, describe, it } from "@effect/vitest"
import { keyIdOf } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Redacted } from "effect"
import {
  Approved,
  type AuditEvent,
  BackupTaken,
  CallIntended,
  CallSettled,
  Confirmed,
  CooldownSeen,
  Held,
  HoldLifted,
  KeyCreated,
  KeyRetired,
  RunFinished,
  RunStarted,
  SoakAlarmed,
  SoakEnded,
  SoakStarted
} from "../src/Event.ts"
import { isAbout, projectStream, unfinishedRuns, unsettledCalls } from "../src/Projection.ts"
import type { RunId } from "../src/RunId.ts"
import { key, makeHome, runId, withLog } from "./support/Fixture.ts"

const view = (events: ReadonlyArray<readonly [AuditEvent, RunId?]>) =>
  Effect.flatMap(makeHome, (home) =>
    withLog(home, (log) =>
      Effect.zipRight(
        Effect.forEach(events, ([event, run]) => log.append(event, run)),
        projectStream(log.stream)
      )
    )
  )

const started = (plan: string) =>
  RunStarted.make({ plan, digest: "d", action: "delete", keys: [key(1).id, key(2).id], reason: null })
const intended = (id: string) => CallIntended.make({ id, intent: { call: "remove", key: key(1).id } })
const settled = (id: string, result: "done" | "unknown") => CallSettled.make({ id, outcome: { result } })
const time = (ms: number) => DateTime.unsafeMake(ms)

describe("what the log says", () => {
  it.effect("I6: a run without an end is unfinished, and calls that nobody settled are named", () =>
    Effect.gen(function* () {
      const it = yield* view([
        [started("p1"), runId(1)],
        [BackupTaken.make({ backup: "b", sha256: "s", keys: [], recipients: [] }), runId(1)],
        [intended("a"), runId(1)],
        [settled("a", "done"), runId(1)],
        [intended("b"), runId(1)],
        [settled("b", "unknown"), runId(1)],
        [intended("c"), runId(1)],
        [started("p2"), runId(2)],
        [intended("d"), runId(2)],
        [settled("d", "done"), runId(2)],
        [RunFinished.make({ outcome: "done", keys: [], creditExpected: null, creditObserved: null }), runId(2)]
      ])
      const [run, ...others] = unfinishedRuns(it)
      assert.lengthOf(others, 0)
      assert.strictEqual(run?.id, runId(1))
      assert.deepStrictEqual(run?.backups, ["b"])
      assert.deepStrictEqual(run === undefined ? [] : unsettledCalls(run).map((call) => call.id), ["b", "c"])
      assert.deepStrictEqual(it.runs.get(runId(2))?.calls, [])
    })
  )

  it.effect("I11: a plan that a run has begun is used", () =>
    Effect.gen(function* () {
      const { confirmed, plansUsed } = yield* view([
        [Confirmed.make({ plan: "p1", how: "typed" })],
        [started("p1"), runId(1)],
        [Confirmed.make({ plan: "p2", how: "hash" })]
      ])
      assert.deepStrictEqual([...plansUsed.keys()], ["p1"])
      assert.deepStrictEqual(
        [...confirmed],
        [
          ["p1", "typed"],
          ["p2", "hash"]
        ]
      )
    })
  )

  it.effect("a retired key stays resolvable: settings, owner, who and why", () =>
    Effect.gen(function* () {
      const retire = (how: "disabled" | "deleted") =>
        KeyRetired.make({ key: key(1), how, owner: "team-search", reason: "leaked" })
      const { replaces, retired } = yield* view([
        [retire("disabled"), runId(1)],
        [retire("deleted"), runId(2)],
        [KeyCreated.make({ old: key(1).id, new: key(2).id })]
      ])
      const found = retired.get(key(1).id)
      assert.deepInclude(found, { how: "deleted", owner: "team-search", reason: "leaked", run: runId(2) })
      assert.deepStrictEqual(found?.key, key(1))
      assert.strictEqual(found?.actor.name, "os:alice")
      assert.strictEqual(replaces.get(key(2).id), key(1).id)
    })
  )

  it.effect("a value that somebody found is found in the log by its id, in every event that names it", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const found = keyIdOf(Redacted.make("ek-proxy-found-in-a-log-file"))
      yield* withLog(home, (log) =>
        Effect.gen(function* () {
          yield* log.append(KeyRetired.make({ key: key(1, { id: found }), how: "deleted", owner: null, reason: null }))
          yield* log.append(KeyCreated.make({ old: found, new: key(2).id }))
          yield* log.append(KeyCreated.make({ old: key(3).id, new: key(4).id }))
          assert.deepStrictEqual(
            (yield* log.records).filter((it) => isAbout(it, found)).map((it) => it.seq),
            [2, 3]
          )
        })
      )
    })
  )

  it.effect("cooldowns, soaks, holds and approvals are as the last word on each says", () =>
    Effect.gen(function* () {
      const approver = { name: "slack:U1", authenticated: true }
      const it = yield* view([
        [CooldownSeen.make({ until: time(2000) })],
        [CooldownSeen.make({ until: time(1000) })],
        ...[1, 2, 3].map((n) => [SoakStarted.make({ key: key(n), until: time(5000) }), runId(1)] as const),
        [SoakEnded.make({ keys: [key(1).id], how: "undone" })],
        [SoakAlarmed.make({ key: key(2).id, why: "used" })],
        [KeyRetired.make({ key: key(3), how: "deleted", owner: null, reason: null })],
        [Held.make({ plan: null, why: "incident" })],
        [Held.make({ plan: "p1", why: "wait" })],
        [HoldLifted.make({ plan: null, why: "over" })],
        [Approved.make({ plan: "p1", approver })],
        [Approved.make({ plan: "p1", approver: { ...approver, name: "slack:U2" } })]
      ])
      assert.strictEqual(it.cooldownUntil === null ? 0 : DateTime.toEpochMillis(it.cooldownUntil), 2000)
      assert.deepStrictEqual(
        [...it.soaks.values()].map(({ alarm, key }) => [key.id, alarm]),
        [[key(2).id, "used"]]
      )
      assert.deepStrictEqual([...it.holds], [["p1", "wait"]])
      assert.deepStrictEqual(
        it.approvals.get("p1")?.map((one) => one.approver.name),
        ["slack:U1", "slack:U2"]
      )
    })
  )
})
