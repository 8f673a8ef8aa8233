import { Effect, FiberSet, Layer, Queue, Schedule } from "effect"
import { AlarmClock } from "./AlarmClock.ts"
import { doChore } from "./ChoreWork.ts"
import { type Chore, Chores } from "./Chores.ts"
import { type Desk, look } from "./Proceeding.ts"
import { Requests, type RequestsUnavailable, type Waiting } from "./Requests.ts"

const againMillis = 5000

/** How many requests and chores one server has side by side. */
const mostLooks = 16

/**
 * The alarm clock as a queue in the database that every server works on: who looks at a request has it for 20 s and says
 * every 5 s that it lives; one that dies or is cut off is followed by another one. A stop takes nothing new and lets what
 * was begun come to its end.
 */
export const layer: Layer.Layer<AlarmClock, never, Desk> = Layer.scoped(
  AlarmClock,
  Effect.gen(function* () {
    const chores = yield* Chores
    const requests = yield* Requests
    const desk = yield* Effect.context<Desk>()
    const bell = yield* Queue.sliding<void>(1)
    const looks = yield* FiberSet.make<void>()
    yield* Effect.addFinalizer(() => Effect.timeoutOption(FiberSet.awaitEmpty(looks), "30 seconds"))

    const claim: Effect.Effect<void, RequestsUnavailable> = Effect.gen(function* () {
      while ((yield* FiberSet.size(looks)) < mostLooks) {
        // Asked every second, mostly for nothing: no trace says so.
        const waiting = yield* Effect.withTracerEnabled(requests.due, false)
        const chore = waiting === null ? yield* Effect.withTracerEnabled(chores.due, false) : null
        if (waiting !== null) yield* FiberSet.run(looks, Effect.provide(lookAt(waiting), desk))
        else if (chore !== null) yield* FiberSet.run(looks, Effect.provide(workAt(chore), desk))
        else return
      }
    })
    yield* claim.pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("Requests that are due were not looked for", cause)),
      Effect.zipRight(Effect.timeoutOption(Queue.take(bell), "1 second")),
      Effect.forever,
      Effect.forkScoped
    )
    return AlarmClock.of({
      wake: (id) =>
        requests.wake(id).pipe(
          Effect.zipRight(Queue.offer(bell, undefined)),
          // It is looked at when its time has come, and whoever asked can ask again.
          Effect.catchAll((error) => Effect.logError(`${id} was not woken: ${error.message}`))
        )
    })
  })
)

/** One look. One that fails is made again soon: at the latest, by whichever server, when the claim is over. */
const lookAt = (waiting: Waiting): Effect.Effect<void, never, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(requests.attend(waiting)), Schedule.spaced("5 seconds")))
    const millis = yield* look(waiting.id).pipe(
      Effect.catchAllCause((cause) =>
        Effect.as(Effect.logWarning(`${waiting.id} will be looked at again`, cause), againMillis)
      )
    )
    yield* requests.rest(waiting, millis ?? 0)
  }).pipe(
    Effect.scoped,
    Effect.catchAllCause((cause) => Effect.logWarning(`${waiting.id} will be looked at again`, cause)),
    Effect.withSpan("Looks.lookAt")
  )

/** The same of a chore; one that fails is tried again before its claim is over. */
const workAt = (chore: Chore): Effect.Effect<void, never, Desk> =>
  Effect.gen(function* () {
    const chores = yield* Chores
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(chores.attend(chore)), Schedule.spaced("5 seconds")))
    const millis = yield* doChore(chore).pipe(
      Effect.catchAllCause((cause) =>
        Effect.as(Effect.logWarning(`The chore ${chore.name} will be done again`, cause), againMillis)
      )
    )
    yield* chores.rest(chore, millis)
  }).pipe(
    Effect.scoped,
    Effect.catchAllCause((cause) => Effect.logWarning(`The chore ${chore.name} will be done again`, cause)),
    Effect.withSpan("Looks.workAt")
  )
