import { eventWords } from "@keysweep/audit/EventWords"
import type { Coverage, joinTimeline } from "@keysweep/audit/Bundle"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime } from "effect"
import { recordDocument } from "./LogText.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted } from "./Words.ts"

type Timeline = ReturnType<typeof joinTimeline>

/** Several logs as one, and what the picture covers. */
export const timelineText = ({ coverage, entries }: Timeline, style: Style, width: number): string =>
  [
    table(
      [
        { title: "LOG", shrinksTo: 8 },
        { title: "#", right: true },
        { title: "WHEN (UTC)" },
        { title: "WHO", shrinksTo: 8, drop: 1 },
        { title: "WHAT", shrinksTo: 30, wraps: true }
      ],
      entries.map(({ record, source }) => [
        { text: oneLine(source, 40) },
        { text: String(record.seq), paint: style.dim },
        { text: time(record.at) },
        { text: oneLine(record.actor.name, 30) },
        { text: oneLine(eventWords(record.event), 300) }
      ]),
      width,
      style.bold
    ),
    "",
    ...coverage.map((it) => coverageText(it, style))
  ].join("\n")

const coverageText = ({ account, flaw, from, records, signer, source, to }: Coverage, style: Style): string => {
  const name = oneLine(source, 80)
  const when = from === null || to === null ? "" : `, ${time(from)} to ${time(to)}`
  const what = `${name}: ${counted(records, "record")} of ${oneLine(account, 60)}${when}`
  return flaw === null
    ? `${style.green("✓")} ${what}; signed by ${oneLine(signer ?? "nobody: it is empty", 80)}`
    : `${style.red("✗")} ${what}; what comes after is left out: record ${flaw.seq} ${oneLine(flaw.detail, 200)} (${flaw.problem})`
}

const time = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 19).replace("T", " ")

export const timelineDocument = ({ coverage, entries }: Timeline) => ({
  schema: "keysweep.timeline/1",
  entries: entries.map(({ record, source }) => ({ source, ...recordDocument(record) })),
  coverage: coverage.map((it) => ({
    ...it,
    from: it.from === null ? null : DateTime.formatIso(it.from),
    to: it.to === null ? null : DateTime.formatIso(it.to)
  }))
})
