import type { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"

/** Uses the procedure on the account of the environment; loaded here, so that nothing else waits for it. */
export const withSweep = <A, E extends Failure>(
  options: { readonly quiet: boolean },
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Services> =>
  Effect.flatMap(
    Effect.promise(() => import("./SweepLayer.ts")),
    (it) => it.withSweep(options, use)
  )
