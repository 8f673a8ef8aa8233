import { oneLine } from "@keysweep/core/SafeText"
import type { PanicChoice } from "@keysweep/revocation/Panic"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { wrap } from "./Table.ts"
import { counted, duration } from "./Words.ts"

/** Both ways to zero active keys, side by side. */
export const panicText = (choices: ReadonlyArray<PanicChoice>, style: Style, width: number): string =>
  [
    style.bold(`Zero active keys on ${choices[0]?.account ?? "this account"}, as fast as its rate limit allows.`),
    ...wrap(
      "Everything that uses one of these keys stops. There is no plan to read and no approval to wait for.",
      width
    ),
    ...asOf(choices[0]?.asOf ?? null).flatMap((text) => wrap(text, width)),
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

const asOf = (at: PanicChoice["asOf"]): ReadonlyArray<string> =>
  at === null
    ? []
    : [
        `Shown as of ${DateTime.formatIso(at)}: others use up the rate limit, so the write goes before the reading. Keys made since go too.`
      ]

/** What no panic can do. */
export const masterKeyText =
  "Was the master key exposed too? Then whoever has it can make new keys at any time: replace it (keysweep master-key regenerate --sink …), give it to every program that used the old one, and panic once more."
