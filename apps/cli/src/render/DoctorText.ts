import { oneLine } from "@keysweep/core/SafeText"
import type { Check } from "../doctor/Check.ts"
import type { Style } from "./Style.ts"
import { wrap } from "./Table.ts"
import { counted } from "./Words.ts"

/** A line a check; under one that is not well, what would mend it. */
export const doctorText = (checks: ReadonlyArray<Check>, style: Style, width: number): string => {
  const named = Math.max(...checks.map(({ check }) => check.length))
  const room = " ".repeat(named + 7)
  const lines = checks.flatMap(({ check, detail, next, result }) => {
    const [first = "", ...others] = wrap(oneLine(detail, 400), Math.max(30, width - room.length))
    return [
      `${marks(style)[result]}  ${check.padEnd(named)} ${first}`,
      ...others.map((line) => room + line),
      ...(next === null ? [] : [`${room}${style.dim("→")} ${oneLine(next, 400)}`])
    ]
  })
  const count = (result: Check["result"]) => checks.filter((it) => it.result === result).length
  const [bad, doubtful] = [count("fail"), count("warn")]
  const conclusion =
    bad > 0
      ? style.red(`${counted(bad, "check")} failed${doubtful > 0 ? `, ${doubtful} to look at` : ""}.`)
      : doubtful > 0
        ? style.yellow(`Nothing is broken; ${counted(doubtful, "thing")} to look at.`)
        : style.green("All is well.")
  return [...lines, "", conclusion].join("\n")
}

const marks = ({ green, red, yellow }: Style): { readonly [result in Check["result"]]: string } => ({
  ok: green("  ok"),
  warn: yellow("warn"),
  fail: red("fail")
})
