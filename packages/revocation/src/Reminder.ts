import { NoticeSent } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { SoakView } from "@keysweep/audit/Projection"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime, Duration, Effect } from "effect"
import type { Inventory } from "./Inventory.ts"
import { InventoryMemory } from "./InventoryMemory.ts"
import { Notices } from "./Notice.ts"
import { viewOf } from "./Permission.ts"
import { Settings } from "./Settings.ts"

/** Something that somebody should look at before long. */
export interface Reminder {
  /** The thing and its stage, the same every time: `soak-1d:kf_…`, `alarm:kf_…`, `hold:…`, `expiry-7d:kf_…`. */
  readonly about: string
  /** One sentence; names in it are foreign text. */
  readonly text: string
  /** When it is said again if nothing has changed; `null`: never. */
  readonly again: Duration.Duration | null
}

/** Nobody is reminded of the same thing more often, whatever else is said below. */
const atMost = Duration.hours(12)
const week = Duration.days(7)
const day = Duration.days(1)

/**
 * What is worth a reminder now: soaks that end within a day, soaking keys that somebody is seen to miss, holds that have
 * stood for a week, keys that expire within a week and within a day. Pure; `timeScale` divides all these times.
 */
export const remindersOf = (facts: {
  readonly records: ReadonlyArray<LogRecord>
  /** The last one that was kept: a reminder is worth no request. */
  readonly inventory: Inventory | null
  readonly now: DateTime.Utc
  readonly timeScale: number
}): ReadonlyArray<Reminder> => {
  const { inventory, now, records, timeScale } = facts
  const within = isWithin(now, timeScale)
  const { holds, soaks } = viewOf(records)
  const soaking = soakReminders([...soaks.values()], now, timeScale)
  const since = heldSince(records)
  const held = [...holds].flatMap(([what, why]): ReadonlyArray<Reminder> => {
    const at = since.get(what)
    return at === undefined || DateTime.distance(at, now) < Duration.toMillis(week) / timeScale
      ? []
      : [
          {
            about: `hold:${what ?? "account"}`,
            text: `${what ?? "the account"} is held since ${DateTime.formatIso(at)}: ${why}`,
            again: week
          }
        ]
  })
  const expiring = (inventory?.keys ?? []).flatMap(({ expiresAt, id, name, state }): ReadonlyArray<Reminder> => {
    if (expiresAt === null || state !== "active" || DateTime.lessThanOrEqualTo(expiresAt, now)) return []
    const stage = within(expiresAt, day) ? "1d" : within(expiresAt, week) ? "7d" : null
    const text = `${oneLine(name, 60)} (${id}) expires at ${DateTime.formatIso(expiresAt)}`
    return stage === null ? [] : [{ about: `expiry-${stage}:${id}`, text, again: null }]
  })
  return [...soaking, ...held, ...expiring]
}

const isWithin = (now: DateTime.Utc, timeScale: number) => (time: DateTime.Utc, span: Duration.Duration) =>
  DateTime.distance(now, time) <= Duration.toMillis(span) / timeScale

const soakReminders = (soaks: ReadonlyArray<SoakView>, now: DateTime.Utc, timeScale: number): ReadonlyArray<Reminder> =>
  soaks.flatMap(({ alarm, key, until }): ReadonlyArray<Reminder> => {
    const name = `${oneLine(key.name, 60)} (${key.id})`
    if (alarm !== null) {
      return [{ about: `alarm:${key.id}`, text: `${name} is disabled and somebody misses it: ${alarm}`, again: atMost }]
    }
    return isWithin(now, timeScale)(until, day)
      ? [{ about: `soak-1d:${key.id}`, text: `${name} is deleted at ${DateTime.formatIso(until)}`, again: null }]
      : []
  })

const heldSince = (records: ReadonlyArray<LogRecord>): ReadonlyMap<string | null, DateTime.Utc> => {
  const since = new Map<string | null, DateTime.Utc>()
  for (const { at, event } of records) if (event._tag === "Held") since.set(event.key ?? event.plan, at)
  return since
}

/** Of these, what is due for one target, by what the log says it was told and when. */
export const unsaid = (
  reminders: ReadonlyArray<Reminder>,
  records: ReadonlyArray<LogRecord>,
  target: string,
  now: DateTime.Utc,
  timeScale: number
): ReadonlyArray<Reminder> => {
  const told = records.flatMap(({ at, event }) =>
    event._tag === "NoticeSent" && event.plan === null && event.to === target ? [[event.about, at] as const] : []
  )
  const [same, thing] = [new Map(told), new Map(told.map(([about, at]) => [thingOf(about), at]))]
  const past = (at: DateTime.Utc | undefined, pause: Duration.Duration) =>
    at === undefined || DateTime.distance(at, now) >= Duration.toMillis(pause) / timeScale
  return reminders.filter(({ about: what, again }) => {
    const about = reminderOf(what)
    if (!past(thing.get(thingOf(about)), atMost)) return false
    return again === null ? !same.has(about) : past(same.get(about), again)
  })
}

const reminderOf = (about: string): string => `reminder ${about}`

/** The next stage of a thing is not said right behind the one before. */
const thingOf = (about: string): string => about.replace(/-\d+d:/, ":")

/**
 * Tells every target of the settings, in one message each, what it was not told lately. On record before it is sent, and
 * under the account's lease: nobody is told twice within 12 hours, whatever restarts; a message that is lost is not sent
 * again before that. Sends nothing upstream, and takes no longer than a notice does.
 */
export const remind = Effect.scoped(
  Effect.gen(function* () {
    const { notices } = yield* Settings
    if (notices.length === 0) return
    const { timeScale } = yield* Account
    const log = yield* Log
    const places = yield* Notices
    yield* hold(log.account, yield* makeRunId)
    const records = yield* log.records
    const now = yield* DateTime.now
    const inventory = yield* Effect.flatMap(InventoryMemory, (memory) => memory.last(log.account))
    const all = remindersOf({ records, inventory, now, timeScale })
    yield* Effect.forEach(
      notices,
      (target) =>
        Effect.gen(function* () {
          const due = unsaid(all, records, target.name, now, timeScale)
          if (due.length === 0) return
          for (const { about } of due) {
            yield* log.append(NoticeSent.make({ plan: null, to: target.name, about: reminderOf(about) }))
          }
          yield* Effect.ignore(places.remind(target, log.account, due))
        }),
      { concurrency: 4, discard: true }
    )
  })
).pipe(Effect.withSpan("Reminder.remind"))

/**
 * What `to` was not told lately of the keys that a run has let soak. On record as told before it is given back, and under
 * the account's lease: whoever gets it tells it once, whatever restarts; what is lost is not told again within 12 hours.
 */
export const soakRemindersFor = (run: RunId, to: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { timeScale } = yield* Account
      const log = yield* Log
      const untold = Effect.gen(function* () {
        const records = yield* log.records
        const now = yield* DateTime.now
        const own = [...viewOf(records).soaks.values()].filter((soak) => soak.run === run)
        return unsaid(soakReminders(own, now, timeScale), records, to, now, timeScale)
      })
      if ((yield* untold).length === 0) return []
      yield* hold(log.account, yield* makeRunId)
      // Somebody may have told it until the lease was ours.
      const due = yield* untold
      for (const { about } of due) yield* log.append(NoticeSent.make({ plan: null, to, about: reminderOf(about) }), run)
      return due
    })
  ).pipe(Effect.withSpan("Reminder.soakRemindersFor"))
