import { Progress } from "@keysweep/revocation/Progress"
import { Effect, Ref, Schedule, type Scope } from "effect"
import { nothingSeen, progressText, seen } from "./ProgressText.ts"
import type { Message } from "./Blocks.ts"
import type { Request } from "./Request.ts"
import { requestMessage } from "./RunMessage.ts"
import { type Place, SlackApi } from "./SlackApi.ts"

/** Shows a run in the message of its request. */
export const liveProgress = (request: Request): Effect.Effect<typeof Progress.Service, never, SlackApi | Scope.Scope> =>
  progressIn(Effect.succeed(request.ts === null ? null : { channel: request.channel, ts: request.ts }), (progress) =>
    requestMessage(request, { _tag: "Running", progress })
  )

/**
 * Shows a run in a message, as soon as there is one, at most once a second and only what is new. When the scope ends, no change of the message
 * is under way any more, so what is shown next stays.
 */
export const progressIn = (
  where: Effect.Effect<Place | null>,
  messageOf: (progress: string) => Message
): Effect.Effect<typeof Progress.Service, never, SlackApi | Scope.Scope> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const known = yield* Ref.make(nothingSeen)
    const shown = yield* Ref.make("")
    const draw = Effect.gen(function* () {
      const place = yield* where
      const progress = progressText(yield* Ref.get(known))
      if (place === null || progress === (yield* Ref.get(shown))) return
      yield* Ref.set(shown, progress)
      yield* slack.update(place, messageOf(progress))
    }).pipe(
      Effect.catchAll((error) => Effect.logWarning(error.message)),
      Effect.uninterruptible
    )
    yield* draw.pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)
    return Progress.of({ report: (event) => Ref.update(known, (before) => seen(before, event)) })
  })
