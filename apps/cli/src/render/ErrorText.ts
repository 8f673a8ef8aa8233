import type { ErrorReport } from "../Report.ts"
import type { Style } from "./Style.ts"
import { wrap } from "./Table.ts"

/** `keysweep.error/1` */
export const errorDocument = ({ outcome, exit, message, details, excerpt, changed, next }: ErrorReport) => ({
  schema: "keysweep.error/1",
  outcome,
  exit,
  message,
  ...(details.length === 0 ? {} : { details }),
  ...(excerpt === null ? {} : { excerpt }),
  changed,
  next
})

/** For people: what happened, what was changed, what to do next. */
export const errorText = (
  { message, details, excerpt, changed, next }: ErrorReport,
  style: Style,
  width: number
): string => {
  const lines = (text: string) => wrap(text, Math.max(30, width - 2)).map((line) => `  ${line}`)
  // It has a line of its own.
  const [first = "", ...rest] = lines(
    message.replace(/; nothing was (?:changed|sent)(?=[.:])| Nothing was done\.$/u, "")
  )
  return [
    `${style.red("✗")} ${first.trimStart()}`,
    ...rest,
    ...(excerpt === null ? [] : excerpt.split("\n").map((line) => `    ${line}`)),
    ...details.flatMap(lines),
    ...(changed.length === 0
      ? ["  Nothing was changed."]
      : changed
          .flatMap((text) => lines(`Changed: ${text}`))
          .map((line) => line.replace(/^ {2}Changed:/u, style.yellow))),
    ...next.map((line, at) => `  ${at === 0 ? "Next:" : "     "} ${style.cyan(line)}`)
  ].join("\n")
}
