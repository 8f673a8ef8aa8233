import { oneLine } from "@keysweep/core/SafeText"
import type { Evidence } from "@keysweep/revocation/Evidence"
import { placesOf } from "@keysweep/revocation/scan/ScanMemory"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { type DateTime, Effect } from "effect"
import { header, type Message, message, plain } from "../Blocks.ts"
import type { Reply } from "../Reply.ts"
import { counted, credits, moment } from "../Words.ts"

/** All that is known of one key. It only reads. */
export const show = (key: string): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    return { _tag: "Private", message: evidenceMessage(yield* sweep.show(key)) }
  })

/** What nothing shows is said to be unknown. */
export const evidenceMessage = (evidence: Evidence): Message => {
  const { key, owner, requests, sameName, spentSince, stored } = evidence
  const lines = [
    `State: ${key.state}`,
    `Credit: ${credits(key.remaining)} of ${credits(key.allocated)} left, ${credits(key.used)} spent`,
    `Created: ${timeOr(key.createdAt, "unknown")}`,
    `Last used: ${timeOr(key.lastUsedAt, "the upstream shows no use")}`,
    `Expires: ${timeOr(key.expiresAt, "never")}`,
    `Models: ${among(key.models, "every model")}`,
    `Addresses: ${among(key.addresses, "every address")}`,
    `Owner: ${owner === null ? "unknown: the settings name nobody" : oneLine(owner, 100)}`,
    `Requests: ${
      requests === "unknown"
        ? "unknown: the account's log shows none of any key"
        : `${requests.count} in the log since ${moment(requests.from)}, ${requests.refused} refused; ${credits(requests.spent)} credits; ${among(requests.models, "no model")}; from ${among(requests.addresses, "no address")}`
    }`,
    `Spent: ${spentSince === null ? "unknown: there is no earlier inventory with this key" : `${credits(spentSince.credits)} credits since ${moment(spentSince.since)}`}`,
    `Written down: ${
      stored === "unknown"
        ? "unknown: no scan has looked for it"
        : `${counted(placesOf(stored), "place")} in ${among(
            stored.map(({ tree }) => tree),
            "no tree"
          )}`
    }`,
    ...(sameName.length === 0 ? [] : [`Same name: ${sameName.slice(0, 10).join(", ")}`]),
    `Remarkable: ${among(
      key.findings.map((it) => it.replaceAll("-", " ")),
      "nothing"
    )}`
  ]
  const name = oneLine(key.name, 60)
  // A notification names no key.
  return message("All that is known of one key.", [
    header(name === "" ? key.id : name),
    plain(key.id),
    plain(lines.join("\n"))
  ])
}

const timeOr = (time: DateTime.Utc | null, otherwise: string): string => (time === null ? otherwise : moment(time))

const among = (values: ReadonlyArray<string>, otherwise: string): string => {
  const shown = values.slice(0, 10).map((value) => oneLine(value, 60))
  const more = values.length - shown.length
  return values.length === 0 ? otherwise : `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`
}
