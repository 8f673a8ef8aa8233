import { oneLine } from "@keysweep/core/SafeText"
import { isFinal } from "@keysweep/revocation/Action"
import { changesOf } from "@keysweep/revocation/Contain"
import { endOf, type Plan } from "@keysweep/revocation/Plan"
import { placesOf } from "@keysweep/revocation/scan/ScanMemory"
import { thenDeleteText } from "@keysweep/revocation/Soak"
import { DateTime } from "effect"
import { gateRows, lookedText } from "./GateText.ts"
import { stateCell } from "./InventoryText.ts"
import { storedText } from "./StoredText.ts"
import type { Style } from "./Style.ts"
import { type Column, table, wrap } from "./Table.ts"
import { counted, credits, duration, listed, relative } from "./Words.ts"

/** Owners where the settings name some, and what was spent since the reading before where anything was. */
const columnsOf = ({ evidence }: Plan): ReadonlyArray<Column> => [
  { title: "NAME", shrinksTo: 8 },
  { title: "STATE" },
  { title: "LEFT", right: true, drop: 1 },
  { title: "LAST USED", drop: 2 },
  ...(hasSpending(evidence) ? [{ title: "SPENT", right: true, drop: 4 }] : []),
  ...(hasOwners(evidence) ? [{ title: "OWNER", shrinksTo: 8, drop: 3 }] : []),
  { title: "ID" }
]

const hasSpending = (evidence: Plan["evidence"]): boolean =>
  evidence.some(({ spentSince }) => spentSince !== null && spentSince.credits > 0)
const hasOwners = (evidence: Plan["evidence"]): boolean => evidence.some(({ owner }) => owner !== null)

/** A plan as somebody reads it who has to say yes to it. */
export const planText = (plan: Plan, style: Style, width: number): string => {
  const evidence = new Map(plan.evidence.map((it) => [it.id, it]))
  const rows = plan.keys.map((key) => {
    const { owner = null, spentSince = null } = evidence.get(key.id) ?? {}
    return [
      { text: oneLine(key.name, 60) },
      stateCell(key.state, style),
      { text: credits(key.remaining) },
      { text: key.lastUsedAt === null ? "never" : relative(key.lastUsedAt, plan.createdAt) },
      ...(hasSpending(plan.evidence) ? [{ text: spentSince === null ? "?" : credits(spentSince.credits) }] : []),
      ...(hasOwners(plan.evidence) ? [{ text: owner === null ? "?" : oneLine(owner, 40) }] : []),
      { text: key.id }
    ]
  })
  const stored = plan.keys.flatMap(({ id, name }) => {
    const known = evidence.get(id)?.stored ?? "unknown"
    return placesOf(known) === 0
      ? []
      : [`${oneLine(name, 60)} (${id}) is written down ${storedText(known, plan.createdAt)}`]
  })
  const how = plan.method === "bulk" ? ", in one request that deletes every key of the account" : ""
  return [
    style.bold(`Plan: ${plan.action} ${counted(plan.keys.length, "key")} of ${plan.account}${how}`),
    ...(plan.reason === null ? [] : [`Reason: ${oneLine(plan.reason, 200)}`]),
    "",
    table(columnsOf(plan), rows, width, style.bold),
    ...plan.keys.flatMap(({ becomes, name, settings }) =>
      becomes === null ? [] : [`${oneLine(name, 60)}: ${oneLine(changesOf(settings, becomes).join("; "), 600)}`]
    ),
    ...plan.refused.map(({ id, name, reason }) =>
      style.yellow(`Refused: ${oneLine(name, 60)} (${id}): ${oneLine(reason, 400)}`)
    ),
    ...stored.flatMap((text) => wrap(text, width)).map(style.yellow),
    ...plan.skipped.map(({ id, name, reason }) =>
      style.dim(`Skipped: ${oneLine(name, 60)} (${id}): ${oneLine(reason)}`)
    ),
    ...checks(plan, style, width),
    "",
    ...wrap(costs(plan), width),
    ...(plan.thenDelete.length > 0 ? wrap(thenDeleteText(plan.thenDelete), width).map(style.yellow) : []),
    ...(isFinal(endOf(plan))
      ? wrap(`Deleted keys never come back: a key's value cannot be made again.${wayBack(plan)}`, width).map(
          style.yellow
        )
      : [])
  ].join("\n")
}

const wayBack = ({ thenDelete }: Plan): string =>
  thenDelete.length > 0 ? " Until then keysweep undo brings them back." : " To be able to go back, disable first."

const costs = (plan: Plan): string => {
  const back =
    isFinal(plan.action) || plan.creditExpected > 0
      ? ` About ${credits(plan.creditExpected)} credits should return to the balance.`
      : ""
  const time = plan.estimateSeconds === 0 ? "without waiting" : `about ${duration(plan.estimateSeconds * 1000)}`
  return `${counted(plan.requests, "request")}, ${time}.${back}`
}

const checks = (plan: Plan, style: Style, width: number): ReadonlyArray<string> => {
  const checklist = isFinal(endOf(plan))
    ? plan.checklist.map(({ step, status, detail }) => ({ mark: stepMark(status, style), title: step, detail }))
    : []
  const rows = [...gateRows(plan.gate, style), ...checklist]
  return rows.length === 0 ? [] : ["", ...lookedText(rows, width)]
}

const stepMark = (status: Plan["checklist"][number]["status"], style: Style): string => {
  switch (status) {
    case "done":
      return style.green("✓")
    case "unknown":
      return style.yellow("?")
    case "not done":
      return style.dim("–")
  }
}

const blocked = ({ gate }: Plan, style: Style): ReadonlyArray<string> => {
  const checks = gate.flatMap(({ check, result }) => (result === "block" ? [check] : []))
  return checks.length === 0
    ? []
    : [style.red(`Blocked by ${listed(checks)}: as long as that is so, it is refused when it is applied.`)]
}

/** What to do with a plan that was saved. */
export const planNext = (plan: Plan, file: string, style: Style): string =>
  [
    ...blocked(plan, style),
    `Valid for ${duration(DateTime.distance(plan.createdAt, plan.expiresAt))}, for exactly these keys as they are now, once.`,
    `  Saved:     ${file}`,
    `  Hash:      ${plan.hash}`,
    `  Next:      ${style.cyan(`keysweep apply ${file} --confirm ${plan.hash}`)}`
  ].join("\n")
