import { toCredits } from "@keysweep/core/Credit"
import type { Inventory } from "@keysweep/revocation/Inventory"
import { DateTime } from "effect"
import { csv } from "@keysweep/core/Csv"
import { markdownTable } from "./Markdown.ts"

/** Every key with all its fields, for programs and spreadsheets. */
export const inventoryCsv = ({ keys }: Inventory): string =>
  csv(
    [
      "id",
      "name",
      "state",
      "allocated",
      "used",
      "remaining",
      "created",
      "last used",
      "expires",
      "models",
      "addresses",
      "findings"
    ],
    keys.map((key) => [
      key.id,
      key.name,
      key.state,
      toCredits(key.allocated),
      toCredits(key.used),
      toCredits(key.remaining),
      time(key.createdAt),
      time(key.lastUsedAt),
      time(key.expiresAt),
      key.models.join(" "),
      key.addresses.join(" "),
      key.findings.join(" ")
    ])
  )

/** For a page. */
export const inventoryMarkdown = ({ keys }: Inventory): string =>
  markdownTable(
    ["Name", "State", "Left", "Of", "Last used", "Expires", "Findings", "Key"],
    keys.map((key) => [
      key.name,
      key.state,
      toCredits(key.remaining),
      toCredits(key.allocated),
      time(key.lastUsedAt).slice(0, 10) || "never",
      time(key.expiresAt).slice(0, 10) || "never",
      key.findings.join(", "),
      key.id
    ])
  )

const time = (at: DateTime.Utc | null): string => (at === null ? "" : DateTime.formatIso(at))
