import { isFinal } from "@keysweep/revocation/Action"
import { changesOf } from "@keysweep/revocation/Contain"
import type { Plan } from "@keysweep/revocation/Plan"
import { DateTime } from "effect"
import { escaped, markdownTable } from "./Markdown.ts"
import { storedText } from "./StoredText.ts"
import { counted, credits, duration } from "./Words.ts"

/** A plan for a page: a pull request, a ticket. Everything foreign is escaped. */
export const planMarkdown = (plan: Plan): string => {
  const evidence = new Map(plan.evidence.map((it) => [it.id, it]))
  const time = plan.estimateSeconds === 0 ? "without waiting" : `about ${duration(plan.estimateSeconds * 1000)}`
  return [
    `## Plan: ${plan.action} ${counted(plan.keys.length, "key")} of ${plan.account}`,
    ...(plan.method === "bulk" ? ["In one request that deletes every key of the account."] : []),
    `Reason: ${plan.reason === null ? "none was given" : escaped(plan.reason)}`,
    markdownTable(
      ["Name", "State", "Left", "Last used", "Spent", "Owner", "Written down", "Key"],
      plan.keys.map((key) => {
        const known = evidence.get(key.id)
        return [
          key.name,
          key.state,
          credits(key.remaining),
          key.lastUsedAt === null ? "never" : DateTime.formatIsoDate(key.lastUsedAt),
          known === undefined || known.spentSince === null ? "unknown" : credits(known.spentSince.credits),
          known?.owner ?? "unknown",
          storedText(known?.stored ?? "unknown", plan.createdAt),
          key.id
        ]
      })
    ),
    ...section(
      "What changes",
      ["Name", "Changes", "Key"],
      plan.keys.flatMap(({ becomes, id, name, settings }) =>
        becomes === null ? [] : [[name, changesOf(settings, becomes).join("; "), id]]
      )
    ),
    ...section(
      "Refused",
      ["Name", "Why", "Key"],
      plan.refused.map(({ id, name, reason }) => [name, reason, id])
    ),
    ...section(
      "Skipped",
      ["Name", "Why", "Key"],
      plan.skipped.map(({ id, name, reason }) => [name, reason, id])
    ),
    "### Checks",
    markdownTable(
      ["Check", "Result", "Detail", "What lifts it"],
      plan.gate.map(({ check, detail, lift, result }) => [check, result, detail, lift ?? ""])
    ),
    ...(isFinal(plan.action)
      ? [
          "### What the vendor asks for",
          markdownTable(
            ["Step", "Status", "Detail"],
            plan.checklist.map(({ detail, status, step }) => [step, status, detail])
          ),
          `Deleted keys never come back. About ${credits(plan.creditExpected)} credits should return to the balance.`
        ]
      : []),
    `${counted(plan.requests, "request")}, ${time}. Valid until ${DateTime.formatIso(plan.expiresAt)}, once. Hash: ${plan.hash}`
  ].join("\n\n")
}

const section = (
  title: string,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => (rows.length === 0 ? [] : [`### ${title}`, markdownTable(head, rows)])
