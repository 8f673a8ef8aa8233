import type { Plan } from "@keysweep/revocation/Plan"
import { Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import { mostRows } from "../Blocks.ts"
import type { Desk } from "../Proceeding.ts"
import type { Failure } from "../Reply.ts"
import type { Request } from "../Request.ts"
import { Requests } from "../Requests.ts"
import { requestMessage } from "../RunMessage.ts"
import { SlackApi } from "../SlackApi.ts"
import { planFile } from "./plan.ts"

/** A plan becomes a request of its own, and a message that everybody in the channel sees. */
export const open = (
  { channel, user }: { readonly channel: string; readonly user: string },
  plan: Plan
): Effect.Effect<null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const request = yield* requests.open(plan, user, channel)
    yield* post(request)
    const { wake } = yield* AlarmClock
    yield* wake(request.id)
    return null
  })

/** Shows it in the channel. What cannot be shown there is not done. */
export const post = (request: Request): Effect.Effect<void, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const slack = yield* SlackApi
    const { channel, plan } = request
    const ts = yield* slack
      .post(channel, requestMessage(request, { _tag: "Planned" }))
      .pipe(
        Effect.tapError(() =>
          requests.end(request.id, { outcome: "failed", detail: "Its message was not posted.", receipt: null })
        )
      )
    yield* requests.posted(request.id, ts)
    if (plan.keys.length > mostRows) {
      yield* Effect.catchAll(slack.upload({ channel, ts }, planFile(plan)), (error) =>
        Effect.logWarning(`The list of plan ${plan.hash} was not taken: ${error.message}`)
      )
    }
  })
