import { read } from "@keysweep/revocation/Inventory"
import { scan as search } from "@keysweep/revocation/scan/Scan"
import { sarifOf } from "@keysweep/revocation/scan/Sarif"
import { ScanBar, scanOutcome } from "@keysweep/revocation/scan/ScanOutcome"
import type { ScanFinding, ScanReport } from "@keysweep/revocation/scan/ScanReport"
import { Effect, Redacted, Schema } from "effect"
import { Records } from "../Records.ts"
import type { Annotation } from "../Runner.ts"
import type { Command } from "../Step.ts"
import { scanSummary, whatWasFound } from "../Summary.ts"
import { version } from "../Version.ts"

const isBar = Schema.is(ScanBar)

/** Finds where the account's keys are written down in the checkout. Sends one reading, writes nothing upstream. */
export const scan: Command = ({ inputs, place }) =>
  Effect.gen(function* () {
    const records = yield* Records
    const { listing } = yield* read
    const report = yield* search({
      folder: place.workspace,
      paths: inputs.paths.length === 0 ? undefined : inputs.paths,
      history: inputs.history,
      everything: inputs.everything,
      known: listing.secrets,
      masterKey: Redacted.make(inputs["api-key"])
    })
    const bar = inputs["fail-on"]
    const known = report.findings.filter((it) => it.known).length
    return {
      outcome: scanOutcome(report, isBar(bar) ? bar : "known"),
      counts: { files: report.files, places: report.findings.length, known, unscanned: report.unscanned.length },
      line: `${report.findings.length} places with a secret, ${known} of them the account's own; ${report.files} files searched`,
      summary: scanSummary(report),
      annotations: annotationsOf(report),
      sarifPath: yield* records.keep(
        { name: "scan.sarif" },
        JSON.stringify(sarifOf(report, version), null, 2),
        "everybody"
      )
    }
  })

/** One a file, at its first place: the runner shows ten. What is in the history alone has no line of the checkout. */
const annotationsOf = ({ findings }: ScanReport): ReadonlyArray<Annotation> => {
  const files = new Map<string, ReadonlyArray<ScanFinding>>()
  for (const it of findings) if (it.commit === null) files.set(it.path, [...(files.get(it.path) ?? []), it])
  return [...files].flatMap(([path, [first, ...others]]) =>
    first === undefined
      ? []
      : [
          {
            title: "Keysweep: a secret is written down",
            text: `${whatWasFound(first)}${others.length === 0 ? "" : `, and ${others.length} more in this file`}`,
            place: { path, line: first.line ?? 1 }
          }
        ]
  )
}
