import { oneLine } from "@keysweep/core/SafeText"
import type { KeyState } from "@keysweep/core/ProxyKey"
import type { Finding } from "@keysweep/revocation/Findings"
import type { Inventory, InventoryKey } from "@keysweep/revocation/Inventory"
import type { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { type Cell, type Column, table } from "./Table.ts"
import { counted, credits, relative } from "./Words.ts"

const columns: ReadonlyArray<Column> = [
  { title: "NAME", shrinksTo: 8 },
  { title: "STATE" },
  { title: "LEFT", right: true, drop: 1 },
  { title: "OF", right: true, drop: 5 },
  { title: "LAST USED", drop: 2 },
  { title: "EXPIRES", drop: 3 },
  { title: "REMARKABLE", shrinksTo: 14, drop: 4 },
  { title: "ID" }
]

/** The keys as a table, and what they come to. */
export const inventoryText = (inventory: Inventory, style: Style, width: number): string => {
  const { keys, totals } = inventory
  const rows = keys.map((key) => row(key, inventory.at, style))
  const sums = `${counted(totals.keys, "key")}, ${totals.active} active; ${credits(totals.remaining)} of ${credits(totals.allocated)} credits left`
  return [
    ...(keys.length === 0 ? [] : [table(columns, rows, width, style.bold), ""]),
    keys.length === 0
      ? `The account ${inventory.account} has no proxy keys.`
      : `${sums}. Account ${inventory.account}.`,
    ...(inventory.partial
      ? [
          style.yellow(
            `! ${counted(inventory.unreadable.length, "record")} could not be read: the list is partial, and nothing is deleted in bulk from it.`
          )
        ]
      : [])
  ].join("\n")
}

const row = (key: InventoryKey, now: DateTime.Utc, style: Style): ReadonlyArray<Cell> => [
  { text: oneLine(key.name, 60) },
  stateCell(key.state, style),
  { text: credits(key.remaining) },
  { text: credits(key.allocated) },
  { text: key.lastUsedAt === null ? "never" : relative(key.lastUsedAt, now) },
  { text: key.expiresAt === null ? "never" : relative(key.expiresAt, now) },
  { text: remarks(key.findings), paint: style.dim },
  { text: key.id }
]

export const stateCell = (state: KeyState, style: Style): Cell => {
  switch (state) {
    case "active":
      return { text: state, paint: style.green }
    case "disabled":
      return { text: state, paint: style.dim }
    case "expired":
    case "exhausted":
      return { text: state, paint: style.yellow }
  }
}

/** What the other columns do not show already. */
const remarks = (findings: ReadonlyArray<Finding>): string => {
  const unrestricted = open.every((finding) => findings.includes(finding))
  const rest = findings.filter(
    (finding) => !shownElsewhere.includes(finding) && !(unrestricted && open.includes(finding))
  )
  return [...(unrestricted ? ["unrestricted"] : []), ...rest.map((finding) => finding.replaceAll("-", " "))].join(", ")
}

const open: ReadonlyArray<Finding> = ["any-model", "any-address"]
const shownElsewhere: ReadonlyArray<Finding> = ["expired", "exhausted", "never-used", "no-expiry"]
