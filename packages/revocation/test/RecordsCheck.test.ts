import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Plan } from "../src/Plan.ts"
import { confirmed, live, makeWorld } from "./world.ts"

const rowsOf = ({ gate }: Plan) =>
  gate.flatMap(({ check, detail, result }) => (check === "log" || check === "backup" ? [[check, result, detail]] : []))

describe("Log and backup", () => {
  it.scopedLive("are checks of every plan; a log that somebody has changed blocks plan and run alike", () =>
    Effect.gen(function* () {
      const { emulator, fs, home, planFor, sweep } = yield* makeWorld()
      const file = (ending: string) =>
        Effect.map(
          fs.readDirectory(home, { recursive: true }),
          (paths) => `${home}/${paths.find((path) => path.endsWith(ending)) ?? ""}`
        )
      const disable = { action: "disable", selector: { keys: ["staging"] } } as const
      const first = yield* planFor(disable)
      assert.deepStrictEqual(rowsOf(first), [
        ["log", "pass", "nothing is on record yet"],
        ["backup", "pass", "the first is taken, and read back, before the first write"]
      ])
      yield* sweep.apply(first, confirmed(first))
      const next = yield* planFor({ ...disable, action: "enable" })
      const [log, backup] = rowsOf(next)
      assert.match(String(log), /^log,pass,\d+ records, all signed$/)
      assert.deepStrictEqual(backup, ["backup", "pass", "1 there; the newest is whole and opens"])

      const sealed = yield* file(".age")
      const whole = yield* fs.readFile(sealed)
      yield* fs.writeFile(sealed, whole.slice(0, -10))
      assert.deepStrictEqual(rowsOf(yield* planFor({ ...disable, action: "enable" }))[1]?.slice(0, 2), [
        "backup",
        "warn"
      ])

      const path = yield* file(".jsonl")
      const text = yield* fs.readFileString(path)
      yield* fs.writeFileString(path, text.replace('"os:ada"', '"os:bob"'))
      const blocked = yield* planFor({ ...disable, action: "enable" })
      assert.deepStrictEqual(rowsOf(blocked)[0]?.slice(0, 2), ["log", "block"])
      const before = (yield* emulator.requests).filter(({ path }) => path.endsWith("/toggle"))
      const error = yield* Effect.flip(sweep.apply(next, confirmed(next)))
      assert.isTrue(error._tag === "GateBlocked" && error.message.startsWith("log: record "), error.message)
      assert.deepStrictEqual(
        (yield* emulator.requests).filter(({ path }) => path.endsWith("/toggle")),
        before
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I6: records that a killed process could not sign block nothing, and the next run signs them", () =>
    Effect.gen(function* () {
      const { fs, home, planFor, sweep } = yield* makeWorld()
      const disable = { action: "disable", selector: { keys: ["staging"] } } as const
      const first = yield* planFor(disable)
      yield* sweep.apply(first, confirmed(first))
      const paths = yield* fs.readDirectory(home, { recursive: true })
      const head = `${home}/${paths.find((path) => path.endsWith("head.json")) ?? assert.fail(paths.join())}`
      const signed = yield* fs.readFile(head)
      const second = yield* planFor({ ...disable, action: "enable" })
      yield* sweep.apply(second, confirmed(second))
      yield* fs.writeFile(head, signed)

      const third = yield* planFor(disable)
      assert.deepStrictEqual(rowsOf(third)[0]?.slice(0, 2), ["log", "warn"])
      assert.strictEqual((yield* sweep.apply(third, confirmed(third))).outcome, "done")
      assert.deepStrictEqual(rowsOf(yield* planFor({ ...disable, action: "enable" }))[0]?.slice(0, 2), ["log", "pass"])
    }).pipe(Effect.provide(live))
  )
})
