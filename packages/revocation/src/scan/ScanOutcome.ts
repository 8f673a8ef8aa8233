import { Schema } from "effect"
import type { Outcome } from "../Outcome.ts"
import type { ScanReport } from "./ScanReport.ts"

/** `known`: secrets of the account; `any`: whatever looks like a secret, too. */
export const ScanBar = Schema.Literal("known", "any", "never")
export type ScanBar = typeof ScanBar.Type

/** How a scan ends: `findings` for what fails it, else `partial` where something that should be searched was not. */
export const scanOutcome = ({ complete, findings }: ScanReport, failOn: ScanBar): Outcome => {
  const bad = failOn === "never" ? [] : findings.filter(({ known }) => known || failOn === "any")
  if (bad.length > 0) return "findings"
  return complete ? "done" : "partial"
}
