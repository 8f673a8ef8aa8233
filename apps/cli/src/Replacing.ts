import type { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Effect } from "effect"
import type { Reach } from "./GivenAccount.ts"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"

/** Makes keys on an account; loaded here, so that nothing else waits for it. */
export const withReplacements = <A, E extends Failure>(
  options: Reach & { readonly reveal: boolean },
  use: (replacements: typeof Replacements.Service) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Services> =>
  Effect.flatMap(
    Effect.promise(() => import("./SweepLayer.ts")),
    (it) => it.withReplacements(options, use)
  )
