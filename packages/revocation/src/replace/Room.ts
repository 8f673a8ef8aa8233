import type { AccountUse } from "@keysweep/core/AccountReader"
import { type Credit, fromCredits, toCredits } from "@keysweep/core/Credit"
import type { GateResult } from "../GateResult.ts"

/** Keys that an account may have, by plan, as far as the upstream says it. Source: `proxy-create`. */
const caps: { readonly [plan: string]: number } = { free: 10, basic: 15, standard: 30, pro: 50, enterprise: 100 }

/** `null`: not known. */
export const keyCapOf = (use: AccountUse | null): number | null =>
  caps[use?.subscription?.trim().toLowerCase() ?? ""] ?? null

/** How many more keys the account may have; `null`: not known. */
export const roomOf = (use: AccountUse | null, inAccount: number): number | null => {
  const cap = keyCapOf(use)
  return cap === null ? null : Math.max(0, cap - inAccount)
}

/** Whether so many more keys fit under the plan's cap. Nothing lifts it: the upstream itself would refuse. */
export const roomCheck = (use: AccountUse | null, inAccount: number, wanted: number): GateResult => {
  const cap = keyCapOf(use)
  const check = "key room"
  if (cap === null) {
    const detail =
      "how many keys the account may have is not known; if one more is refused, the run stops before it touches an old key"
    return { check, result: "warn", detail, lift: null }
  }
  const detail = `${inAccount} of ${cap} keys are used, and ${wanted} more are wanted`
  return inAccount + wanted <= cap
    ? { check, result: "pass", detail, lift: null }
    : { check, result: "block", detail, lift: "delete keys that nobody needs, or select fewer" }
}

/**
 * Whether the balance holds what the new keys are to spend, if an allocation is taken from it. The upstream shows whole
 * credits, so up to one may be missing from what it shows.
 */
export const balanceCheck = (use: AccountUse | null, needs: Credit, overridable: boolean): GateResult => {
  const check = "balance"
  if (use === null) return { check, result: "warn", detail: "the balance cannot be read", lift: null }
  const detail = `the balance is ${toCredits(use.balance)} credits, and the new keys are to have ${toCredits(needs)}`
  return needs < use.balance + fromCredits(1)
    ? { check, result: "pass", detail, lift: null }
    : {
        check,
        result: "block",
        detail,
        lift: `add credit, or select fewer keys${overridable ? ", or override it with a reason where allocations are only caps" : ""}`
      }
}
