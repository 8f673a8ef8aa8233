import { Effect } from "effect"
import { createHash } from "node:crypto"
import type { Message } from "./Blocks.ts"
import type { Failure } from "./Reply.ts"
import type { Request } from "./Request.ts"
import { Requests } from "./Requests.ts"
import { requestMessage, type Stage } from "./RunMessage.ts"
import { isGone, SlackApi } from "./SlackApi.ts"

/**
 * Shows how far a request has come. A message that cannot be changed does not stop what it tells of: `false`. One that
 * somebody has removed is posted anew.
 */
export const show = (request: Request, stage: Stage): Effect.Effect<boolean, never, Requests | SlackApi> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const slack = yield* SlackApi
    const { channel, id, ts } = request
    if (ts === null) return true
    const message = requestMessage(request, stage)
    const anew = Effect.flatMap(slack.post(channel, message), (now) => requests.moved(id, now))
    yield* Effect.catchIf(slack.update({ channel, ts }, message), isGone, () => anew)
    return true
  }).pipe(Effect.catchAll((error) => Effect.as(Effect.logError(error.message), false)))

/** Of what a message shows. */
export const digestOf = (message: Message): string => createHash("sha256").update(JSON.stringify(message)).digest("hex")

/** The same, unless it is what the message was last made to show. */
export const keepShowing = (request: Request, stage: Stage): Effect.Effect<boolean, Failure, Requests | SlackApi> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const digest = digestOf(requestMessage(request, stage))
    if ((yield* requests.shown(request.id)) === digest) return true
    const isShown = yield* show(request, stage)
    if (isShown) yield* requests.keepShown(request.id, digest)
    return isShown
  })
