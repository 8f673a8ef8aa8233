import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { account, makeHome, numbers, said, startChild, withLog } from "./support/Fixture.ts"
import { kinds, type Place, withLogAt } from "./support/Place.ts"

const trials = Number(process.env["KEYSWEEP_TRIALS"] ?? 5)

for (const { make, name } of kinds) {
  describe(`I6: SIGKILL at a random moment while appending to ${name}`, () => {
    it.live(
      "the lock is free at once; the log goes on, verifies, and holds every record that was acknowledged",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          let acknowledged = 0
          for (const trial of numbers(trials)) {
            const child = startChild("append", [place.address, place.account, "1000000", String(1 + (trial % 3) * 8)])
            yield* Effect.promise(() => until(() => child.output().includes("\n") || child.process.exitCode !== null))
            // A fixed sequence of moments, spread over a few appends.
            yield* Effect.promise(() => wait((trial * 7919) % 40))
            child.process.kill("SIGKILL")
            yield* Effect.promise(() => child.ended)
            const last = Math.max(...child.output().split("\n").slice(0, -1).map(Number))
            assert.isAbove(last, acknowledged, child.errors())
            yield* withLogAt(
              place,
              (log) =>
                Effect.gen(function* () {
                  const record = yield* log.append(said(`after trial ${trial}`))
                  assert.isAbove(record.seq, last)
                  acknowledged = record.seq
                }),
              { limit: "1 minute" }
            )
          }
          yield* withLogAt(place, (log) =>
            Effect.gen(function* () {
              const verification = yield* log.verify()
              assert.isTrue(verification.ok && verification.records >= acknowledged, JSON.stringify(verification))
              const events = (yield* log.records).map((it) => it.event)
              assert.strictEqual(
                events.filter((it) => it._tag === "Refused" && it.what.startsWith("after trial")).length,
                trials
              )
              const recovered = events.filter((it) => it._tag === "Recovered").length
              assert.isAtMost(recovered, name === "files" ? trials : 0)
            })
          )
          if (name === "files") assert.isAbove(segmentsOf(place), 1, "segments have rolled on the way")
        }),
      180_000 + trials * 3000
    )
  })
}

describe("I9: a full disk", () => {
  it.live(
    "refuses the record that does not fit, keeps all that were acknowledged, and goes on when there is space",
    () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        // No file may grow beyond 16 KiB: what a full disk looks like to a program. The signal is ignored, so write fails.
        const child = startChild(
          "append",
          [JSON.stringify({ home }), account, "1000", "1", "900"],
          "trap '' XFSZ; ulimit -f 16"
        )
        assert.strictEqual(yield* Effect.promise(() => child.ended), 7, child.errors())
        assert.match(child.errors(), /EFBIG|no space left|ENOSPC/)
        const last = Math.max(...child.output().trim().split("\n").map(Number))
        assert.isAbove(last, 5)
        yield* withLog(home, (log) =>
          Effect.gen(function* () {
            const record = yield* log.append(said("there is space again"))
            assert.isAbove(record.seq, last)
            const verification = yield* log.verify()
            assert.isTrue(verification.ok, JSON.stringify(verification))
            const tags = (yield* log.records).map((it) => it.event._tag)
            assert.strictEqual(tags.filter((tag) => tag === "Refused").length, last)
          })
        )
      }),
    180_000
  )
})

const segmentsOf = ({ account, home }: Place): number =>
  readdirSync(join(home, "accounts", account, "log")).filter((name) => name.endsWith(".jsonl")).length

const until = async (met: () => boolean): Promise<void> => {
  for (let i = 0; i < 5000 && !met(); i++) await wait(2)
}
