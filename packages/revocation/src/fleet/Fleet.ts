import { AccountRefused } from "@keysweep/core/Account"
import type { Place } from "@keysweep/core/Place"
import { Effect, Either } from "effect"
import type { Outcome } from "../Outcome.ts"
import type { Settings } from "../Settings.ts"
import { nearest } from "../Suggest.ts"
import { makePlaces } from "./Places.ts"

/**
 * Which accounts of the settings are meant: those of a list of labels, or all of them. A label that the settings do not
 * know, or a list that names nobody, is refused: nothing never means every account.
 */
export const labelsOf = (
  { accounts }: typeof Settings.Service,
  asked: ReadonlyArray<string> | "all"
): Either.Either<ReadonlyArray<string>, AccountRefused> => {
  const known = accounts.map(({ label }) => label)
  const refuse = (detail: string) => Either.left(new AccountRefused({ detail }))
  if (known.length === 0) return refuse("The settings name no accounts.")
  if (asked === "all") return Either.right(known)
  const labels = [...new Set(asked.map((label) => label.trim()).filter((label) => label !== ""))]
  const stranger = labels.find((label) => !known.includes(label))
  if (stranger !== undefined) {
    const meant = nearest(stranger, known)
    return refuse(
      `The settings name no account of this label: ${meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`}`
    )
  }
  return labels.length === 0 ? refuse("No account is named.") : Either.right(labels)
}

/** How one account of several ended: each has its own locks, pace, log, backup and cap. */
export interface Ended<A, E> {
  readonly label: string
  readonly result: Either.Either<A, E>
}

/**
 * Does the same on every account at the same time. What fails on one is that one's result and keeps no other waiting, and
 * neither does one that waits (see {@link makePlaces}).
 */
export const across = <A, E, R>(
  labels: ReadonlyArray<string>,
  use: (label: string) => Effect.Effect<A, E, R>
): Effect.Effect<ReadonlyArray<Ended<A, E>>, never, Exclude<R, Place>> =>
  Effect.flatMap(makePlaces(), (inPlace) =>
    Effect.forEach(labels, (label) => Effect.map(Effect.either(inPlace(use(label))), (result) => ({ label, result })), {
      concurrency: mostBegun
    })
  )

/**
 * Accounts that have begun and are not done. Nearly all of their time is waiting for their own rate limits, so so many
 * together take little longer than one alone; but each holds memory, and in a process with a thousand of them a record was
 * once later than it may be.
 */
const mostBegun = 250

/** The outcome of all of them: the one that most needs somebody to look at it. */
export const worstOf = (outcomes: ReadonlyArray<Outcome>): Outcome =>
  outcomes.reduce((worst, it) => (severity.indexOf(it) > severity.indexOf(worst) ? it : worst), "nothing")

/** From "nobody has to do anything" to "nobody knows what is so". */
const severity: ReadonlyArray<Outcome> = [
  "nothing",
  "done",
  "findings",
  "refused",
  "stale",
  "blocked",
  "limit",
  "interrupted",
  "credentials",
  "records",
  "partial",
  "failed",
  "unverified"
]
