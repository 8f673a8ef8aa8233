import { oneLine } from "@keysweep/core/SafeText"
import { type Action, doingOf } from "@keysweep/revocation/Action"
import { Progress, type ProgressEvent } from "@keysweep/revocation/Progress"
import { Clock, Effect, Layer, Ref, Schedule } from "effect"
import { Output, type Sink } from "./Output.ts"
import { truncate } from "./render/Table.ts"
import { duration } from "./render/Words.ts"

/** What is known of a run while it goes on; times are those of the clock, in milliseconds. */
interface Seen {
  readonly phase: string
  readonly action: Action | undefined
  readonly count: number
  readonly total: number
  readonly key: string
  /** When the last key's request may go. */
  readonly endsAt: number | undefined
  readonly waiting: { readonly reason: keyof typeof waits; readonly until: number } | undefined
}

const nothingYet: Seen = {
  phase: "",
  action: undefined,
  count: 0,
  total: 0,
  key: "",
  endsAt: undefined,
  waiting: undefined
}

/** One living line on a terminal, now and then a plain line where there is none. */
export const progressLayer: Layer.Layer<Progress, never, Output> = Layer.unwrapEffect(
  Effect.map(Output, ({ err }) => (err.isTerminal ? living(err) : plainly(err)))
)

const living = (err: Sink): Layer.Layer<Progress> =>
  Layer.scoped(
    Progress,
    Effect.gen(function* () {
      const seen = yield* Ref.make(nothingYet)
      const clear = err.write("\r\u001B[2K")
      const draw = Effect.gen(function* () {
        const text = sentence(yield* Ref.get(seen), yield* Clock.currentTimeMillis)
        if (text === "") return
        yield* err.write(`\r\u001B[2K${err.style.dim(truncate(text, (yield* err.width) - 1))}`)
      })
      yield* Effect.addFinalizer(() => clear)
      yield* draw.pipe(Effect.repeat(Schedule.spaced("250 millis")), Effect.forkScoped)
      return Progress.of({ report: (event) => Effect.zipRight(update(seen, event), draw) })
    })
  )

/** Milliseconds between two plain lines about keys; a new phase and a long wait are always said. */
const plainEvery = 5000

const plainly = (err: Sink): Layer.Layer<Progress> =>
  Layer.effect(
    Progress,
    Effect.gen(function* () {
      const seen = yield* Ref.make(nothingYet)
      const saidAt = yield* Ref.make(Number.NEGATIVE_INFINITY)
      return Progress.of({
        report: (event) =>
          Effect.gen(function* () {
            yield* update(seen, event)
            const now = yield* Clock.currentTimeMillis
            const due = now - (yield* Ref.get(saidAt)) >= plainEvery
            const tell =
              event._tag === "Key"
                ? due
                : event._tag === "Waiting"
                  ? event.millis >= 1000 && due
                  : event._tag === "Phase"
            if (!tell) return
            if (event._tag !== "Phase") yield* Ref.set(saidAt, now)
            yield* err.write(`${sentence(yield* Ref.get(seen), now)}\n`)
          })
      })
    })
  )

const update = (seen: Ref.Ref<Seen>, event: ProgressEvent): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Ref.update(seen, (before): Seen => {
      switch (event._tag) {
        case "Phase":
          return { ...before, phase: event.phase, waiting: undefined }
        case "Started":
          return { ...before, action: event.action, total: event.total, endsAt: now + event.estimateMillis }
        case "Key":
          return {
            ...before,
            count: event.count,
            total: event.total,
            key: event.name,
            endsAt: now + event.leftMillis,
            waiting: undefined
          }
        case "Waiting":
          return { ...before, waiting: { reason: event.reason, until: now + event.millis } }
      }
    })
  )

const sentence = (seen: Seen, now: number): string => {
  const { phase, count, total, key, endsAt, waiting } = seen
  // Before the first phase nothing is under way but a reading.
  if (phase === "" && waiting === undefined) return ""
  const acting = phase === "acting" && total > 0
  const parts = [
    acting
      ? `${seen.action === undefined ? "Working" : doingOf(seen.action)} ${count}/${total}`
      : (phases[phase === "" ? "reading" : phase] ?? phase)
  ]
  if (acting && key !== "") parts.push(oneLine(key, 40))
  if (waiting !== undefined && waiting.until > now) {
    const wait = duration(waiting.until - now)
    parts.push(waits[waiting.reason](wait))
  }
  if (acting && endsAt !== undefined && endsAt > now) parts.push(`about ${duration(endsAt - now)} left`)
  return parts.join(" · ")
}

const waits = {
  window: (wait: string) => `waiting ${wait} for the rate limit's next free slot`,
  cooldown: (wait: string) => `the account is locked by its rate limit for another ${wait}`,
  overlap: (wait: string) => `old and new keys both work for another ${wait}`
}

const phases: { readonly [phase: string]: string } = {
  reading: "Reading the account's keys",
  "backing up": "Backing up the settings",
  acting: "Working",
  proving: "Reading again, to prove the result"
}
