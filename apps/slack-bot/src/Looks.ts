import { Effect, FiberSet, Layer, Queue, Schedule } from "effect"
import { AlarmClock } from "./AlarmClock.ts"
import { doChore } from "./ChoreWork.ts"
import { type Chore, Chores } from "./Chores.ts"
import type { Claim } from "./Claims.ts"
import type { ErrandId } from "./Errand.ts"
import { Errands } from "./Errands.ts"
import { lookAtErrand } from "./ErrandWork.ts"
import { type Desk, look } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import type { RequestId } from "./Request.ts"
import { Requests } from "./Requests.ts"
import type { RequestsUnavailable, Stored } from "./Stored.ts"

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
    const errands = yield* Errands
    const requests = yield* Requests
    const desk = yield* Effect.context<Desk>()
    const bell = yield* Queue.sliding<void>(1)
    const looks = yield* FiberSet.make<void>()
    yield* Effect.addFinalizer(() => Effect.timeoutOption(FiberSet.awaitEmpty(looks), "30 seconds"))

    const claim: Effect.Effect<void, RequestsUnavailable> = Effect.gen(function* () {
      for (;;) {
        // However much goes on already: no panic waits.
        const errand = yield* Effect.withTracerEnabled(errands.due, false)
        if (errand === null) break
        yield* FiberSet.run(looks, Effect.provide(goOnWith(errand), desk))
      }
      while ((yield* FiberSet.size(looks)) < mostLooks) {
        // Asked every second, mostly for nothing: no trace says so.
        const waiting = yield* Effect.withTracerEnabled(requests.due, false)
        const chore = waiting === null ? yield* Effect.withTracerEnabled(chores.due, false) : null
        if (waiting !== null)
          // What it woke need not wait for the next second.
          yield* FiberSet.run(
            looks,
            Effect.zipRight(Effect.provide(lookAt(waiting), desk), Queue.offer(bell, undefined))
          )
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
      begin: () => Queue.offer(bell, undefined),
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
const lookAt = (waiting: Claim<RequestId>): Effect.Effect<void, never, Desk> =>
  Effect.flatMap(Requests, (requests) =>
    claimed(
      waiting,
      waiting.id,
      requests,
      Effect.map(look(waiting.id), (millis) => millis ?? 0)
    )
  ).pipe(Effect.withSpan("Looks.lookAt"))

const goOnWith = (errand: Claim<ErrandId>): Effect.Effect<void, never, Desk> =>
  Effect.flatMap(Errands, (errands) =>
    claimed(
      errand,
      errand.id,
      errands,
      Effect.map(lookAtErrand(errand.id, errand.look), (millis) => millis ?? 0)
    )
  ).pipe(Effect.withSpan("Looks.goOnWith"))

const workAt = (chore: Chore): Effect.Effect<void, never, Desk> =>
  Effect.flatMap(Chores, (chores) => claimed(chore, `the chore ${chore.name}`, chores, doChore(chore))).pipe(
    Effect.withSpan("Looks.workAt")
  )

/** Says every 5 s that somebody is at it, and leaves it alone after that for as long as the work says. */
const claimed = <A, R>(
  claim: A,
  name: string,
  {
    attend,
    rest
  }: { readonly attend: (it: A) => Stored<void>; readonly rest: (it: A, millis: number) => Stored<void> },
  work: Effect.Effect<number, Failure, R>
) =>
  Effect.gen(function* () {
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(attend(claim)), Schedule.spaced("5 seconds")))
    const millis = yield* Effect.catchAllCause(work, (cause) =>
      Effect.as(Effect.logWarning(`${name} will be looked at again`, cause), againMillis)
    )
    yield* rest(claim, millis)
  }).pipe(
    Effect.scoped,
    Effect.catchAllCause((cause) => Effect.logWarning(`${name} will be looked at again`, cause))
  )
