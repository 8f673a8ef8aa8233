import type { Unauthorized } from "@keysweep/core/ApiError"
import { explained } from "@keysweep/revocation/masterkey/Refused"
import { Effect } from "effect"
import { storesLayer } from "./StoresLayer.ts"

/** What the log knows of a master key that was refused; loaded here, because readings that succeed need no log. */
export const refusal = (error: Unauthorized) =>
  explained(error).pipe(
    Effect.provide(storesLayer),
    Effect.mapError((why) => (why._tag === "Unauthorized" ? why : error))
  )
