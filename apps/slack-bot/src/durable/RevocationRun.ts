import * as Activity from "@effect/workflow/Activity"
import * as DurableClock from "@effect/workflow/DurableClock"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import * as Workflow from "@effect/workflow/Workflow"
import { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Cause, Effect, Layer, Schedule, Schema } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import { type Desk, look } from "../Proceeding.ts"
import { RequestId } from "../Request.ts"
import { Requests } from "../Requests.ts"

/**
 * One look at a request, and the wait for the next one, which is a run of its own: so its history never grows, and one
 * that failed in a way nobody thought of ends nothing. Fields of the payload may be added, optional ones; never removed.
 */
const RevocationRun = Workflow.make({
  name: "RevocationRun",
  payload: { request: RequestId, look: Schema.Int },
  idempotencyKey: ({ look, request }) => `${request}/${look}`
})

const runLayer = RevocationRun.toLayer(({ look: count, request }) =>
  Effect.gen(function* () {
    const millis = yield* Activity.make({
      name: "look",
      success: Schema.NullOr(Schema.Number),
      execute: lookNow(request, count)
    })
    if (millis === null) return
    // Also short ones in the database, where somebody can wake it.
    yield* DurableClock.sleep({ name: waitName, duration: Math.max(millis, 2), inMemoryThreshold: "1 millis" })
    yield* begin({ request, look: count + 1 })
  })
)

/** Looks, and notes it. Whatever goes wrong is tried again later: a defect would be the end of a durable run. */
const lookNow = (request: RequestId, count: number): Effect.Effect<number | null, never, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    yield* requests.looking(request, count)
    const millis = yield* look(request)
    if (millis !== null) yield* requests.waiting(request, millis)
    return millis
  }).pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.as(Effect.logError(`${request} will be looked at again`, cause), troubleMillis)
    )
  )

const troubleMillis = 10_000
const waitName = "wait"

const begin = (payload: typeof RevocationRun.payloadSchema.Type) =>
  Effect.scoped(RevocationRun.execute(payload, { discard: true }))

/** Ends the wait of the look that goes on or went before; if it still looks, it will not wait. */
const ring = (request: RequestId, count: number) =>
  Effect.gen(function* () {
    const { deferred } = DurableClock.make({ name: waitName, duration: 0 })
    const payload = { request, look: count }
    const token = yield* DurableDeferred.tokenFromPayload(deferred, { workflow: RevocationRun, payload })
    yield* DurableDeferred.succeed(deferred, { token, value: undefined })
  })

const alarmLayer = Layer.effect(
  AlarmClock,
  Effect.gen(function* () {
    const requests = yield* Requests
    const engine = yield* WorkflowEngine
    return AlarmClock.of({
      wake: (request) =>
        Effect.gen(function* () {
          const count = yield* requests.look(request)
          yield* begin({ request, look: count })
          yield* ring(request, count)
        }).pipe(
          Effect.provideService(WorkflowEngine, engine),
          // It is overdue then, and found by whoever looks after those.
          Effect.catchAllCause((cause) => Effect.logError(`${request} was not woken`, cause))
        )
    })
  })
)

/** Looks after those whose run has ended without a next one, as after a fault or a database put back from a backup. */
const watchLayer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const requests = yield* Requests
    const revive = Effect.gen(function* () {
      for (const { id, look } of yield* requests.overdue(30_000)) {
        const payload = { request: id, look }
        const state = yield* RevocationRun.poll(yield* RevocationRun.executionId(payload))
        yield* begin(state?._tag === "Complete" ? { request: id, look: look + 1 } : payload)
      }
    })
    yield* revive.pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("Overdue requests were not looked for", cause)),
      Effect.repeat(Schedule.spaced("30 seconds")),
      Effect.forkScoped
    )
  })
)

/** The alarm clock over `@effect/workflow`, and what it wakes. */
export const layer = Layer.merge(alarmLayer, watchLayer).pipe(Layer.provideMerge(runLayer))
