import type { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import type { Reach } from "./GivenAccount.ts"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"

/** Uses the procedure on an account; loaded here, so that nothing else waits for it. */
export const withSweep = <A, E extends Failure>(
  options: Reach,
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Services> =>
  Effect.flatMap(
    Effect.promise(() => import("./SweepLayer.ts")),
    (it) => it.withSweep(options, use)
  )
