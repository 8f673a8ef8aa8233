import { oneLine } from "@keysweep/core/SafeText"
import type { GateResult } from "@keysweep/revocation/GateResult"
import type { Style } from "./Style.ts"
import { wrap } from "./Table.ts"

/** One thing that was looked at: a mark, what it is, and what was seen. */
export interface Looked {
  readonly mark: string
  readonly title: string
  readonly detail: string
}

export const gateRows = (gate: ReadonlyArray<GateResult>, style: Style): ReadonlyArray<Looked> =>
  gate.map(({ check, result, detail, lift }) => ({
    mark: gateMark(result, style),
    title: check,
    detail: lift === null ? detail : `${detail} (${lift})`
  }))

/** Below one another, what was seen beside each. */
export const lookedText = (rows: ReadonlyArray<Looked>, width: number): ReadonlyArray<string> => {
  const left = Math.max(0, ...rows.map(({ title }) => title.length))
  return rows.flatMap(({ mark, title, detail }) => {
    const lines = wrap(oneLine(detail, 400), Math.max(20, width - left - 6))
    return lines.map((line, at) => `  ${at === 0 ? `${mark} ${title.padEnd(left)}` : " ".repeat(left + 2)}  ${line}`)
  })
}

const gateMark = (result: GateResult["result"], style: Style): string => {
  switch (result) {
    case "pass":
      return style.green("✓")
    case "warn":
      return style.yellow("!")
    case "block":
      return style.red("✗")
  }
}
