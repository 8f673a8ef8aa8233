import { oneLine } from "@keysweep/core/SafeText"
import type { PanicChoice } from "@keysweep/revocation/Panic"
import type { Style } from "./Style.ts"
import { counted, duration } from "./Words.ts"

/** Both ways to zero active keys, side by side. */
export const panicText = (choices: ReadonlyArray<PanicChoice>, style: Style): string =>
  [
    style.bold(`Zero active keys on ${choices[0]?.account ?? "this account"}, as fast as its rate limit allows.`),
    "Everything that uses one of these keys stops. There is no plan to read and no approval to wait for.",
    "",
    ...choices.flatMap(({ keys, method, phrase, requests, seconds, skipped, way }) => [
      `  ${style.bold(phrase)}`,
      `    ${counted(keys.length, "key")}, ${method === "bulk" ? "one request for all" : counted(requests, "request")}, ${
        seconds === 0 ? "at once" : `about ${duration(seconds * 1000)}`
      }. ${way === "disable" ? "Keys can be enabled again." : style.red("A deleted key never comes back.")}`,
      ...skipped.map(({ id, name, reason }) =>
        style.dim(`    Left alone: ${oneLine(name, 60)} (${id}), ${oneLine(reason)}`)
      )
    ]),
    ""
  ].join("\n")
