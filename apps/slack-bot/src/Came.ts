import type { Receipt } from "@keysweep/revocation/Receipt"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import { Cause, Effect } from "effect"
import type { SetupRefused } from "./Environment.ts"
import { failureText } from "./Reply.ts"
import type { Ending } from "./Request.ts"

/** What came of carrying something out, and in how many milliseconds it is tried again; nothing: that is its end. */
export interface Came {
  readonly ending: Omit<Ending, "at">
  readonly again: number | null
}

/**
 * Whatever it comes to. What passes by itself, and a fault of our own, is no result: it is shown, and tried again, because
 * the log says how far it has come.
 */
export const cameOf = <R>(work: Effect.Effect<Receipt, SweepError | SetupRefused, R>): Effect.Effect<Came, never, R> =>
  work.pipe(
    Effect.map((receipt) => {
      const detail = receipt.stopped === null ? "" : `Stopped: ${receipt.stopped}`
      return came({ outcome: receipt.outcome, detail, receipt })
    }),
    Effect.catchAll((error) =>
      Effect.succeed(
        came(notRun(error._tag === "SetupRefused" ? "refused" : outcomeOfError(error), failureText(error)))
      )
    ),
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError("A fault in keysweep itself", Cause.die(defect)), {
        ending: notRun("failed", fault),
        again: minute
      })
    )
  )

export const notRun = (outcome: Ending["outcome"], detail: string): Omit<Ending, "at"> => ({
  outcome,
  detail,
  receipt: null
})

const came = (ending: Omit<Ending, "at">): Came => ({ ending, again: passing.includes(ending.outcome) ? soon : null })

/** What ends by itself: another run, a cooldown, a database that is away, a stop of the bot. */
const passing: ReadonlyArray<Ending["outcome"]> = ["limit", "records", "interrupted"]
const soon = 5000
const minute = 60_000

const fault =
  "A fault in keysweep itself. What was done until then is in the log; /keysweep list shows the keys as they are."
