import type { Snapshot } from "@keysweep/audit/Snapshot"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted, credits, relative } from "./Words.ts"

/** The settings of keys as they were. */
export const snapshotText = ({ account, at, keys, run }: Snapshot, style: Style, width: number): string =>
  [
    table(
      [
        { title: "NAME", shrinksTo: 8 },
        { title: "ACTIVE" },
        { title: "ALLOCATED", right: true },
        { title: "EXPIRES", drop: 1 },
        { title: "MODELS", shrinksTo: 12, drop: 2 },
        { title: "ADDRESSES", shrinksTo: 12, drop: 3 },
        { title: "ID" }
      ],
      keys.map((key) => [
        { text: oneLine(key.name, 60) },
        { text: key.active ? "yes" : "no" },
        { text: credits(key.allocated) },
        { text: key.expiresAt === null ? "never" : relative(key.expiresAt, at) },
        { text: oneLine(key.models.join(" "), 200) || "any" },
        { text: oneLine(key.addresses.join(" "), 200) || "any" },
        { text: key.id }
      ]),
      width,
      style.bold
    ),
    "",
    `${counted(keys.length, "key")} of ${account} as read on ${DateTime.formatIso(at).slice(0, 19).replace("T", " ")} UTC, for ${run}.`
  ].join("\n")
