import { Effect } from "effect"
import type { Request } from "./Request.ts"
import { requestMessage, type Stage } from "./RunMessage.ts"
import { SlackApi } from "./SlackApi.ts"

/** Shows how far a request has come. A message that cannot be changed does not stop what it tells of: `false`. */
export const show = (request: Request, stage: Stage): Effect.Effect<boolean, never, SlackApi> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    if (request.ts === null) return true
    yield* slack.update({ channel: request.channel, ts: request.ts }, requestMessage(request, stage))
    return true
  }).pipe(Effect.catchAll((error) => Effect.as(Effect.logError(error.message), false)))
