import { Clock, Duration, Effect, Exit, Fiber } from "effect"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/**
 * A clock that jumps from one sleeper's moment to the next: minutes of waiting take no time, and every fiber sees the
 * very moment it asked for. The time of day can be set apart from the steady clock, as a person or NTP would set it.
 */
export class VirtualTime implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  private steady = 1_700_000_000_000
  private offset = 0
  private sleepers: Array<Sleeper> = []

  unsafeCurrentTimeMillis(): number {
    return Math.floor(this.steady + this.offset)
  }
  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.steady * 1000)) * 1000n
  }
  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())

  scheduler(): Effect.Effect<Clock.ClockScheduler> {
    return Effect.dieMessage("not used")
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const sleeper = { at: this.steady + Duration.toMillis(duration), wake: () => resume(Effect.void) }
      const index = this.sleepers.findIndex(({ at }) => at > sleeper.at)
      this.sleepers.splice(index === -1 ? this.sleepers.length : index, 0, sleeper)
      return Effect.sync(() => {
        this.sleepers = this.sleepers.filter((it) => it !== sleeper)
      })
    })
  }

  /** Sets the time of day; what sleeps is not moved. */
  readonly setBack = (millis: number) => Effect.sync(() => void (this.offset -= millis))
  readonly setForward = (millis: number) => Effect.sync(() => void (this.offset += millis))

  /** Milliseconds of the steady clock. */
  readonly now = Effect.sync(() => this.steady)

  readonly run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(
      Effect.gen(this, function* () {
        const fiber = yield* Effect.fork(Effect.withClock(effect, this))
        while (true) {
          yield* Effect.promise(settle)
          const done = yield* Fiber.poll(fiber)
          if (done._tag === "Some")
            return yield* Exit.matchEffect(done.value, { onFailure: Effect.failCause, onSuccess: Effect.succeed })
          const next = this.sleepers.shift()
          if (next === undefined) return yield* Effect.dieMessage("everything waits, and nothing sleeps")
          this.steady = Math.max(this.steady, next.at)
          next.wake()
        }
      })
    )
}

/** Until no fiber has anything to do: they all run in microtasks. */
const settle = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
