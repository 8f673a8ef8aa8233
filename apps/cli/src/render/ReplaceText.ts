import { oneLine } from "@keysweep/core/SafeText"
import type { ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import type { ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { sinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { DateTime } from "effect"
import { gateRows, lookedText } from "./GateText.ts"
import type { Style } from "./Style.ts"
import { type Column, table, wrap } from "./Table.ts"
import { counted, credits, duration, relative } from "./Words.ts"

const columns: ReadonlyArray<Column> = [
  { title: "NAME", shrinksTo: 8 },
  { title: "GETS", right: true },
  { title: "EXPIRES", drop: 1 },
  { title: "OLD KEY" }
]

/** A plan to make keys, as somebody reads it who has to say yes to it. */
export const replacePlanText = (plan: ReplacePlan, style: Style, width: number): string => {
  const { values } = plan
  const rows = plan.keys.map((key) => [
    { text: oneLine(key.name, 60) },
    { text: credits(values.credit === "original" ? key.allocated : key.remaining) },
    { text: key.expiresAt === null ? "never" : relative(key.expiresAt, plan.createdAt) },
    { text: key.id }
  ])
  return [
    style.yellow(`${values.notice.slice(0, 1).toUpperCase()}${values.notice.slice(1)}.`),
    style.bold(`Plan: ${plan.action} ${counted(plan.keys.length, "key")} of ${plan.account}`),
    ...(plan.reason === null ? [] : [`Reason: ${oneLine(plan.reason, 200)}`]),
    "",
    table(columns, rows, width, style.bold),
    ...plan.skipped.map(({ id, name, reason }) =>
      style.dim(`Skipped: ${oneLine(name, 60)} (${id}): ${oneLine(reason)}`)
    ),
    "",
    ...values.sinks.map((sink) => `Values go to: ${oneLine(sinkText(sink), 20_000)}`),
    ...(values.lost.length === 0 ? [] : ["Cannot be set again:"]),
    ...values.lost.flatMap((text) => wrap(text, width - 4).map((line, at) => `  ${at === 0 ? "-" : " "} ${line}`)),
    "",
    ...lookedText(gateRows(plan.gate, style), width),
    "",
    ...wrap(course(plan), width)
  ].join("\n")
}

const course = ({ action, estimateSeconds, requests, values }: ReplacePlan): string => {
  const time = estimateSeconds === 0 ? "without waiting" : `about ${duration(estimateSeconds * 1000)}`
  const cost = `${counted(requests, "request")}, ${time}.`
  if (action === "recreate") return cost
  const wait =
    values.waitSeconds === 0
      ? "The old keys are disabled as soon as every new one has its value in its place and works"
      : `Both keys work for ${duration(values.waitSeconds * 1000)} once every new one has its value in its place; then the old ones are disabled`
  return `${cost} ${wait}, and stop working there and then. They may be deleted ${duration(values.soakSeconds * 1000)} later, not before.`
}

/** What to do with a plan that was saved. */
export const replacePlanNext = (plan: ReplacePlan, file: string, style: Style): string =>
  [
    `Valid for ${duration(DateTime.distance(plan.createdAt, plan.expiresAt))}, for exactly these keys as they are now, once.`,
    `  Saved:     ${file}`,
    `  Hash:      ${plan.hash}`,
    `  Next:      ${style.cyan(`keysweep apply ${file} --confirm ${plan.hash}${reveals(plan) ? " --reveal" : ""}`)}`
  ].join("\n")

const reveals = ({ values }: ReplacePlan): boolean => values.sinks.some(({ kind }) => kind === "terminal")

/** What a run that makes keys did, key by key. Never a value. */
export const replaceReceiptText = (receipt: ReplaceReceipt, style: Style, width: number): string => {
  const done = receipt.keys.filter(({ outcome }) => outcome === "done").length
  const took = duration(DateTime.distance(receipt.startedAt, receipt.finishedAt))
  const count = `${done} of ${counted(receipt.keys.length, "key")} ${receipt.action === "rotate" ? "rotated" : "recreated"}`
  return [
    ...receipt.keys.flatMap(({ delivered, detail, id, name, outcome, replacement }) => [
      `${outcome === "done" ? style.green("✓") : style.red("✗")} ${oneLine(name, 60)}: ${id} → ${replacement ?? "no new key"}${outcome === "done" ? "" : ` (${outcome})`}`,
      ...delivered.map((sink) => style.dim(`    value in ${oneLine(sink, 400)}`)),
      ...(detail === "" ? [] : wrap(oneLine(detail, 600), Math.max(40, width - 4)).map((line) => `    ${line}`))
    ]),
    ...receipt.skipped.map(({ id, name, reason }) =>
      style.dim(`Skipped: ${oneLine(name, 60)} (${id}): ${oneLine(reason)}`)
    ),
    "",
    receipt.outcome === "done"
      ? style.green(`✓ ${count}, proven by a fresh reading, in ${took}.`)
      : style.red(`✗ ${count} (${receipt.outcome}), in ${took}.`),
    ...(receipt.stopped === null ? [] : [style.yellow(`Stopped: ${oneLine(receipt.stopped, 400)}`)]),
    ...(receipt.outcome === "done" ? [] : [`Next: ${style.cyan(`keysweep resume ${receipt.run}`)}`]),
    ...(receipt.deletesAt === null
      ? []
      : [
          `The old keys are disabled; keysweep run-due deletes them from ${DateTime.formatIso(receipt.deletesAt).slice(0, 16).replace("T", " ")} UTC on.`
        ]),
    `Backup: ${receipt.backup}`,
    `Anchor: ${receipt.anchor ?? "none"}`
  ].join("\n")
}
