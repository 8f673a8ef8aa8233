import type { ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import type { ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { sinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { code, escaped, paragraphs, table } from "./Markdown.ts"
import {
  checksTable,
  credits,
  howToConfirm,
  leftTable,
  nameCell,
  nameHead,
  stoppedText,
  time,
  whereRecorded
} from "./Summary.ts"

/** Pages of runs that make keys. `names`: as everywhere; a place of a value may hold a key's name. */

export const replacePlanSummary = (plan: ReplacePlan, names: boolean): string => {
  const { values } = plan
  return paragraphs([
    `## Keysweep: plan to ${plan.action}`,
    `**${plan.keys.length} keys** of ${code(plan.account)} in ${plan.requests} requests, about ${plan.estimateSeconds} s. ${capital(values.notice)}.`,
    plan.action === "recreate"
      ? ""
      : `Both keys work for ${values.waitSeconds} s; then the old ones are disabled. From ${values.soakSeconds} s later on run-due deletes them.`,
    howToConfirm(plan),
    names && plan.reason !== null ? `Reason: ${escaped(plan.reason)}` : "",
    table(
      [...nameHead(names), "Old key", "New key gets"],
      plan.keys.map((key) => [
        ...nameCell(key.name, names),
        code(key.id),
        credits(values.credit === "original" ? key.allocated : key.remaining)
      ])
    ),
    table(
      ["Values go to"],
      values.sinks.map((sink) => [code(names ? sinkText(sink) : sink.kind, 200)])
    ),
    values.lost.map((text) => `- Cannot be set again: ${escaped(text)}`).join("\n"),
    leftTable("Skipped", plan.skipped, names),
    checksTable(plan.gate, names)
  ])
}

export const replacementSummary = (receipt: ReplaceReceipt, names: boolean): string => {
  const done = receipt.keys.filter(({ outcome }) => outcome === "done").length
  return paragraphs([
    `## Keysweep: ${receipt.outcome}`,
    `**${done} of ${receipt.keys.length} keys** of ${code(receipt.account)} ${receipt.action === "rotate" ? "rotated" : "recreated"}${receipt.outcome === "done" ? ", proven by a fresh reading" : ""}.`,
    stoppedText(receipt.stopped, names),
    whereRecorded(receipt),
    table(
      [...nameHead(names), "Old key", "New key", "Values in", "Outcome", ...(names ? ["Detail"] : [])],
      receipt.keys.map((key) => [
        ...nameCell(key.name, names),
        code(key.id),
        key.replacement === null ? "none" : code(key.replacement),
        names ? key.delivered.map((sink) => code(sink, 400)).join(" ") : String(key.delivered.length),
        key.outcome,
        ...(names ? [escaped(key.detail)] : [])
      ])
    ),
    receipt.outcome === "done" ? "" : `To go on with it: the command ${code("resume")} with this step's state.`,
    receipt.deletesAt === null ? "" : `run-due deletes the old keys from ${time(receipt.deletesAt)} on.`,
    leftTable("Skipped", receipt.skipped, names)
  ])
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
