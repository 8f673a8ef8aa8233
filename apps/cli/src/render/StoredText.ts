import { oneLine } from "@keysweep/core/SafeText"
import { placesOf, type Stored } from "@keysweep/revocation/scan/ScanMemory"
import type { DateTime } from "effect"
import { counted, relative } from "./Words.ts"

/** Where a key is written down, in a few words. What no scan tells is unknown. */
export const storedText = (stored: Stored, now: DateTime.Utc): string => {
  if (stored === "unknown") return "unknown: no scan has looked for it"
  const where = ({ at, places, tree }: Exclude<Stored, "unknown">[number]) =>
    `${oneLine(tree, 100)} (${relative(at, now)})${places.length === 0 ? "" : `: ${places.map((place) => oneLine(place, 100)).join(", ")}`}`
  const found = stored.filter(({ count }) => count > 0)
  return found.length === 0
    ? `nowhere in ${stored.map(where).join(", ")}`
    : `in ${counted(placesOf(stored), "place")}: ${found.map(where).join("; ")}`
}
