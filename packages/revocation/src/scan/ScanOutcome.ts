import type { Outcome } from "../Outcome.ts"
import type { ScanReport } from "./ScanReport.ts"

/** `known`: secrets of the account; `any`: whatever looks like a secret, too. */
export type ScanBar = "known" | "any" | "never"

/** How a scan ends: `findings` for what fails it, else `partial` where something that should be searched was not. */
export const scanOutcome = ({ complete, findings }: ScanReport, failOn: ScanBar): Outcome => {
  const bad = failOn === "never" ? [] : findings.filter(({ known }) => known || failOn === "any")
  if (bad.length > 0) return "findings"
  return complete ? "done" : "partial"
}
