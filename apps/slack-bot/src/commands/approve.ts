import { Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import type { Desk } from "../Proceeding.ts"
import type { Failure } from "../Reply.ts"
import type { Request } from "../Request.ts"
import { Sweeps, userActor } from "../Sweeps.ts"

/** Another person's yes. Who counts is the procedure's decision, and it records a yes that does not. */
export const approve = (request: Request, user: string): Effect.Effect<null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    yield* sweeps.as(userActor(user), (sweep) => sweep.approve(request.plan, userActor(request.requester)))
    const { wake } = yield* AlarmClock
    yield* wake(request.id)
    return null
  })
