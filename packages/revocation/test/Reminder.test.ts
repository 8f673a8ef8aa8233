import { assert, describe, it } from "@effect/vitest"
import { NoticeSent } from "@keysweep/audit/Event"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { accountIdOf } from "@keysweep/core/Account"
import { ConfigProvider, DateTime, Duration, Effect, Either, TestClock } from "effect"
import { createServer } from "node:http"
import { inventoryOf } from "../src/Inventory.ts"
import { remindersOf, unsaid } from "../src/Reminder.ts"
import { parseSettings } from "../src/Settings.ts"
import { now, readingOf, seconds } from "./support.ts"
import { confirmed, live, makeWorld } from "./world.ts"

const scale = 600

/** A webhook on a real socket that keeps what each message was about. */
const webhook = Effect.acquireRelease(
  Effect.promise(async () => {
    const seen: Array<ReadonlyArray<string>> = []
    const server = createServer((request, reply) => {
      let body = ""
      request.on("data", (chunk) => (body += String(chunk)))
      request.on("end", () => {
        const { reminders } = JSON.parse(body)
        seen.push(reminders.map(({ about }: { readonly about: string }) => about.replace(/:.*/, "")))
        reply.end("{}")
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    return { seen, server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/` }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const settings = Either.getOrThrow(
  parseSettings("f", "notices: [{ name: ops, kind: webhook, urlFrom: HOOK, before: [delete-all] }]")
)

describe("Reminder", () => {
  it("a key that expires is named a week before and a day before; one that works for longer, or no more, is not", () => {
    const times = [86_400 * 8, 86_400 * 6, 3600, -60]
    const inventory = inventoryOf(readingOf(times.map((time) => ({ expires_at: seconds + time }))))
    const [week, day] = inventory.keys.slice(1).map(({ id }) => id)
    assert.deepStrictEqual(
      remindersOf({ records: [], inventory, now, timeScale: 1 }).map(({ about }) => about),
      [`expiry-7d:${week}`, `expiry-1d:${day}`]
    )
  })

  it("the next stage of the same thing is not said within 12 hours of the one before", () => {
    const inventory = inventoryOf(readingOf([{ expires_at: seconds + 90_000 }]))
    const at = (hours: number, told: ReadonlyArray<LogRecord>) => {
      const then = DateTime.addDuration(now, Duration.hours(hours))
      const reminders = remindersOf({ records: [], inventory, now: then, timeScale: 1 })
      return unsaid(reminders, told, "ops", then, 1).map(({ about }) => about)
    }
    const [first = ""] = at(0, [])
    assert.match(first, /^expiry-7d:/)
    const told: LogRecord = {
      seq: 1,
      at: now,
      account: accountIdOf("ek-0"),
      run: null,
      fence: 0,
      actor: { name: "os:ada", authenticated: true },
      surface: "library",
      event: NoticeSent.make({ plan: null, to: "ops", about: `reminder ${first}` }),
      prev: "",
      hash: ""
    }
    assert.deepStrictEqual(
      [2, 11.9, 12].map((hours) => at(hours, [told])),
      [[], [], [first.replace("7d", "1d")]]
    )
    assert.deepStrictEqual(at(2, []), [first.replace("7d", "1d")])
  })

  it.scoped("soaks, holds and expiring keys are said in time, once, and after a restart not again", () =>
    Effect.gen(function* () {
      const start = new Date("2026-11-21T12:00:00Z").getTime()
      yield* TestClock.setTime(start)
      const hook = yield* webhook
      const world = yield* makeWorld({ settings })
      const pass = (time: Duration.DurationInput) => TestClock.adjust(Duration.times(time, 1 / scale))
      const said = (sweep = world.sweep) =>
        Effect.gen(function* () {
          hook.seen.length = 0
          yield* sweep.runDue
          return hook.seen.flat().filter((about) => !about.startsWith("expiry"))
        }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HOOK", hook.url]]))))

      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({
        action: "disable",
        selector: { keys: [first] },
        reason: "clean-up",
        thenDelete: { after: Duration.days(20) }
      })
      yield* world.sweep.apply(plan, confirmed(plan))
      yield* world.sweep.hold({ plan: "a plan" }, "payroll")
      assert.deepStrictEqual(yield* said(), [])
      yield* pass("8 days")
      assert.deepStrictEqual(yield* said(), ["hold"])
      assert.deepStrictEqual(yield* said(), [])
      yield* pass("11 days")
      assert.deepStrictEqual([...(yield* said(yield* world.sweepFor("os:bo", settings)))].sort(), ["hold", "soak-1d"])
      yield* pass("13 hours")
      assert.deepStrictEqual(yield* said(yield* world.sweepFor("os:bo", settings)), [])
    }).pipe(Effect.provide(live))
  )
})
