import type { Judged } from "@keysweep/revocation/Selection"
import { oneLine } from "@keysweep/core/SafeText"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

/** Which keys answer a selection, and why each does or does not. */
export interface Explained {
  readonly selected: ReadonlyArray<Judged>
  readonly left: ReadonlyArray<Judged>
}

export const explainText = ({ left, selected }: Explained, style: Style, width: number): string =>
  table(
    [{ title: "" }, { title: "NAME", shrinksTo: 8 }, { title: "ID" }, { title: "WHY", shrinksTo: 20, wraps: true }],
    [...selected.map((it) => row("in", style.green, it)), ...left.map((it) => row("out", style.dim, it))],
    width,
    style.bold
  )

const row = (word: string, paint: (text: string) => string, { key, reason }: Judged) => [
  { text: word, paint },
  { text: oneLine(key.name, 60) },
  { text: key.id },
  { text: oneLine(reason, 300) }
]

/** The part of a document that says it. */
export const explainDocument = ({ left, selected }: Explained) => ({
  selected: selected.map(judged),
  left: left.map(judged)
})

const judged = ({ key, reason }: Judged) => ({ id: key.id, name: key.name, reason })
