import { oneLine } from "@keysweep/core/SafeText"
import type { Evidence } from "@keysweep/revocation/Evidence"
import type { DateTime } from "effect"
import { stateCell } from "./InventoryText.ts"
import { storedText } from "./StoredText.ts"
import type { Style } from "./Style.ts"
import { wrap } from "./Table.ts"
import { counted, credits, relative } from "./Words.ts"

/** All that is known of one key. What nothing shows is said to be unknown. */
export const evidenceText = (evidence: Evidence, now: DateTime.Utc, style: Style, width: number): string => {
  const { key } = evidence
  const ago = (time: DateTime.Utc | null, otherwise: string) => (time === null ? otherwise : relative(time, now))
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Credit", `${credits(key.remaining)} of ${credits(key.allocated)} left, ${credits(key.used)} spent`],
    ["Created", ago(key.createdAt, "unknown")],
    ["Last used", ago(key.lastUsedAt, "the upstream shows no use")],
    ["Expires", ago(key.expiresAt, "never")],
    ["Models", among(key.models, "every model")],
    ["Addresses", among(key.addresses, "every address")],
    ["Owner", evidence.owner === null ? "unknown: the settings name nobody" : oneLine(evidence.owner)],
    ["Requests", requests(evidence, now)],
    ["Spent", spent(evidence, now)],
    ["Written", storedText(evidence.stored, now)],
    ...(evidence.sameName.length === 0 ? [] : [["Same name", evidence.sameName.join(", ")] as const]),
    ["Remarkable", key.findings.length === 0 ? "nothing" : key.findings.map((it) => it.replaceAll("-", " ")).join(", ")]
  ]
  const state = stateCell(key.state, style)
  return [
    `${style.bold(oneLine(key.name, 60))}  ${state.paint === undefined ? state.text : state.paint(state.text)}  ${key.id}`,
    "",
    ...rows.flatMap(([title, text]) =>
      wrap(text, width - 14).map((line, at) => `  ${(at === 0 ? title : "").padEnd(12)}${line}`)
    )
  ].join("\n")
}

const among = (values: ReadonlyArray<string>, otherwise: string): string =>
  values.length === 0 ? otherwise : values.map((value) => oneLine(value, 60)).join(", ")

const requests = ({ requests }: Evidence, now: DateTime.Utc): string => {
  if (requests === "unknown") return "unknown: the account's log shows none of any key"
  const which =
    requests.count === 0
      ? ""
      : `; ${among(requests.models, "no model")}; from ${among(requests.addresses, "no address")}`
  return `${counted(requests.count, "request")} in the log, which begins ${relative(requests.from, now)}; ${requests.refused} refused; ${credits(requests.spent)} credits${which}`
}

const spent = ({ spentSince }: Evidence, now: DateTime.Utc): string =>
  spentSince === null
    ? "unknown: there is no earlier inventory with this key"
    : `${credits(spentSince.credits)} credits since the inventory before (${relative(spentSince.since, now)})`
