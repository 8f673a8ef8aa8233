import { Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import { end } from "../Conclusion.ts"
import { cancelled, type Desk, planText } from "../Proceeding.ts"
import type { Failure } from "../Reply.ts"
import type { Request } from "../Request.ts"
import { Requests } from "../Requests.ts"
import { Sweeps, userActor } from "../Sweeps.ts"

/** Ends a request that does not run yet. Any of the people may: a no needs no second person. */
export const cancel = (request: Request, user: string): Effect.Effect<string | null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    if (!(yield* requests.take(request.id, "cancel", user))) return "It is too late: this was decided already."
    yield* sweeps.refused(userActor(user), planText(request.plan), "cancelled")
    yield* end(request, cancelled(user))
    const { wake } = yield* AlarmClock
    yield* wake(request.id)
    return null
  })
