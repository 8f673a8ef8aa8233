import { oneLine } from "@keysweep/core/SafeText"
import { isFinal, pastOf } from "@keysweep/revocation/Action"
import type { KeyOutcome, Outcome } from "@keysweep/revocation/Outcome"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { type Cell, type Column, table, wrap } from "./Table.ts"
import { counted, credits, duration } from "./Words.ts"

const columns: ReadonlyArray<Column> = [
  { title: "NAME", shrinksTo: 8 },
  { title: "OUTCOME" },
  { title: "ID" },
  { title: "DETAIL", shrinksTo: 20, wraps: true }
]

/** Columns from which on a detail has room beside its key. */
const roomy = 80

/** What a run did, key by key, and what was proven of it. */
export const receiptText = (receipt: Receipt, style: Style, width: number): string => {
  const beside = width >= roomy
  const rows = receipt.keys.map((key) => [
    { text: oneLine(key.name, 60) },
    outcomeCell(key.outcome, receipt, style),
    { text: key.id },
    { text: oneLine(key.detail, 600), paint: style.dim }
  ])
  return [
    table(beside ? columns : columns.slice(0, -1), rows, width, style.bold),
    ...receipt.keys.flatMap(({ detail, id }) =>
      beside || detail === "" ? [] : wrap(`${id}: ${oneLine(detail, 600)}`, width).map(style.dim)
    ),
    ...receipt.skipped.map(({ id, name, reason }) =>
      style.dim(`Skipped: ${oneLine(name, 60)} (${id}): ${oneLine(reason)}`)
    ),
    "",
    verdict(receipt, style),
    ...(receipt.stopped === null ? [] : [style.yellow(`Stopped: ${oneLine(receipt.stopped, 400)}`)]),
    ...(isFinal(receipt.action) || receipt.creditExpected > 0 ? [credit(receipt)] : []),
    ...soaks(receipt).map(style.yellow),
    `Backup: ${receipt.backup}`,
    `Anchor: ${receipt.anchor ?? "none"}`,
    ...wrap("Keep the anchor elsewhere: it shows whether the log was put back to an older state.", width - 8).map(
      (line) => style.dim(`        ${line}`)
    )
  ].join("\n")
}

/** What comes next, and how to keep it from coming. */
const soaks = ({ run, soaks }: Receipt): ReadonlyArray<string> => {
  const [first, ...others] = soaks.map(({ until }) => until)
  if (first === undefined) return []
  const next = DateTime.formatIso(others.reduce(DateTime.min, first)).slice(0, 16).replace("T", " ")
  return [
    `Soaking: ${counted(soaks.length, "key")}, deleted from ${next} UTC on by keysweep run-due, unless somebody is seen to miss them.`,
    `         To bring them back before: keysweep undo ${run}`
  ]
}

const outcomeCell = (outcome: KeyOutcome, receipt: Receipt, style: Style): Cell => {
  switch (outcome) {
    case "done":
      return { text: pastOf(receipt.action), paint: style.green }
    case "already-gone":
      return { text: "already gone", paint: style.green }
    case "skipped":
      return { text: "not done", paint: style.yellow }
    case "blocked":
    case "failed":
    case "unverified":
      return { text: outcome, paint: style.red }
  }
}

const verdict = (receipt: Receipt, style: Style): string => {
  const ended = receipt.keys.filter(({ outcome }) => outcome === "done" || outcome === "already-gone").length
  const took = duration(DateTime.distance(receipt.startedAt, receipt.finishedAt))
  const count = `${ended} of ${counted(receipt.keys.length, "key")} ${pastOf(receipt.action)}`
  return receipt.outcome === "done"
    ? style.green(`✓ ${count}, proven by a fresh reading, in ${took}.`)
    : style.red(`✗ ${outcomeWords(receipt.outcome)}: ${count}, in ${took}.`)
}

const outcomeWords = (outcome: Outcome): string => {
  switch (outcome) {
    case "done":
      return "Done"
    case "unverified":
      return "Not proven"
    case "partial":
      return "Done in part"
    case "interrupted":
      return "Interrupted"
    default:
      return `Not done (${outcome})`
  }
}

const credit = ({ creditExpected, creditObserved }: Receipt): string =>
  creditObserved === null
    ? `Credit expected back: ${credits(creditExpected)}; nothing shows it yet.`
    : `Credit expected back: ${credits(creditExpected)}; the keys hold ${credits(creditObserved)} less than before.`
