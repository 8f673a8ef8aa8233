import type { Kept } from "./Keeping.ts"
import { code, escaped, paragraphs } from "./Markdown.ts"
import type { Report } from "./Report.ts"

/** Where the records of the step are, for every page. */
export const recordsSummary = (kept: Kept | null): string => {
  if (kept === null) return ""
  const { anchor, memory, trouble } = kept
  return paragraphs([
    trouble === null ? "" : `**Records are missing:** ${escaped(trouble)}`,
    anchor === null ? "" : `Log anchor ${code(anchor)}: keep it elsewhere, it finds a log that was put back.`,
    memory === "runner" ? "No state is left: without a signing-key the next step does not know what this one did." : ""
  ]).trim()
}

export const failureSummary = ({ annotations, details, outcome }: Report): string =>
  paragraphs([
    `## Keysweep: ${outcome}`,
    details.length > 1 && annotations.length > 1 ? "" : annotations.map(({ text }) => escaped(text)).join(" "),
    list(details)
  ])

const list = (details: ReadonlyArray<string>, limit = 500): string => {
  const lines = details.slice(0, limit).map((detail) => `- ${escaped(detail)}`)
  return [...lines, ...(details.length > limit ? [`- ${details.length - limit} more are not shown.`] : [])].join("\n")
}
