import { Schema } from "effect"

/**
 * An amount of credit, held as a whole number of micro-credits so that sums are exact.
 *
 * Encoded (on the wire and in documents) it is a number of credits.
 */
export const Credit = Schema.transform(
  Schema.Number.pipe(Schema.filter((credits) => Number.isSafeInteger(Math.round(credits * 1_000_000)))),
  Schema.Int.pipe(Schema.brand("MicroCredit")),
  {
    strict: true,
    decode: (credits) => Math.round(credits * 1_000_000),
    encode: (micro) => micro / 1_000_000
  }
).annotations({ identifier: "Credit" })
export type Credit = typeof Credit.Type

const micro = (amount: number): Credit => Credit.to.make(amount)

export const zero: Credit = micro(0)

/** From a number of credits. Throws where the amount is not a safe whole number of micro-credits. */
export const fromCredits: (credits: number) => Credit = Schema.decodeSync(Credit)

export const toCredits = (credit: Credit): number => credit / 1_000_000

/** Stops at the largest amount that is exact (9 billion credits): a total must never be what keeps a list from showing. */
export const sum = (credits: Iterable<Credit>): Credit => {
  let total = 0
  for (const credit of credits) total = Math.min(total + credit, Number.MAX_SAFE_INTEGER)
  return micro(total)
}

/** What is left of an allocation; never below zero. */
export const remaining = (allocated: Credit, used: Credit): Credit => micro(Math.max(0, allocated - used))
