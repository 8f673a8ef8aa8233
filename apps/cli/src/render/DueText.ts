import { oneLine } from "@keysweep/core/SafeText"
import type { DueReport, Soaking } from "@keysweep/revocation/DueReport"
import { DateTime } from "effect"
import { receiptText } from "./ReceiptText.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { relative } from "./Words.ts"

/** What was due, what came of it, and what soaks on. */
export const dueText = (report: DueReport, style: Style, width: number): string => {
  const { alarms, at, ended, receipts, soaking, waiting } = report
  const parts = [
    ...receipts.map((receipt) => receiptText(receipt, style, width)),
    ...alarms.map((alarm) =>
      [
        style.red(`✗ Alarm: ${called(alarm)}: ${oneLine(alarm.why)}. It is not deleted by itself any more.`),
        `  To have it back:       keysweep enable --key ${alarm.id}`,
        `  With the whole run:    keysweep undo ${alarm.run}`,
        `  To delete it anyway:   keysweep delete --key ${alarm.id} --override --reason TEXT`
      ].join("\n")
    ),
    ...ended.map((it) => style.yellow(`! ${called(it)} soaks no more: ${oneLine(it.how)}.`)),
    ...waiting.map(({ lift, run, why }) =>
      [
        style.red(`✗ Due, and not deleted (${run}): ${oneLine(why, 600)}`),
        ...lift.map((it) => `  ${oneLine(it)}`)
      ].join("\n")
    ),
    soakingText(soaking, at, style, width)
  ]
  return parts.join("\n\n")
}

/** What soaks until when, and which of it nobody deletes by itself. */
export const soakingText = ({ keys, next }: Soaking, now: DateTime.Utc, style: Style, width: number): string => {
  if (keys.length === 0) return "No key soaks."
  const rows = keys.map(({ alarm, id, name, run, until }) => [
    { text: oneLine(name, 60) },
    alarm === null
      ? { text: `${time(until)} UTC (${relative(until, now)})` }
      : { text: "not deleted by itself", paint: style.red },
    { text: id },
    { text: run },
    { text: oneLine(alarm ?? "", 120), paint: style.dim }
  ])
  const columns = [
    { title: "SOAKING", shrinksTo: 8 },
    { title: "DELETED AFTER" },
    { title: "ID" },
    { title: "RUN", drop: 2 },
    { title: "ALARM", shrinksTo: 12, drop: 1, wraps: true }
  ]
  const due = next === null ? "" : `\n\nNext: ${time(next)} UTC. keysweep run-due deletes what is due.`
  return `${table(columns, rows, width, style.bold)}${due}`
}

const called = ({ id, name }: { readonly id: string; readonly name: string }): string => `${oneLine(name, 60)} (${id})`

const time = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 16).replace("T", " ")
