import { Incident } from "@keysweep/revocation/masterkey/Incident"
import { DateTime, Schema } from "effect"
import { counted, duration } from "./Words.ts"

/** The timeline of an incident: from the first word of it to the end of what was exposed. */
export const incidentText = (incident: Incident): string => {
  const { keys, lastKeyInactiveAt, masterKeyRenewedAt, secondsToContainment, startedAt, startedBy } = incident
  const after = (at: DateTime.Utc) => `${time(at)}  after ${duration(DateTime.distance(startedAt, at))}`
  return [
    "The incident, by the log (UTC):",
    `  ${startedBy === "panic" ? "panic begun" : "leak reported"}      ${time(startedAt)}`,
    `  last key stopped   ${lastKeyInactiveAt === null ? "no key was stopped" : `${after(lastKeyInactiveAt)} (${counted(keys.length, "key")})`}`,
    `  master key new     ${masterKeyRenewedAt === null ? "not replaced (keysweep master-key regenerate)" : after(masterKeyRenewedAt)}`,
    ...(secondsToContainment === null ? [] : [`  time to containment ${duration(secondsToContainment * 1000)}`])
  ].join("\n")
}

export const incidentDocument = (incident: Incident | null) =>
  incident === null ? null : Schema.encodeSync(Incident)(incident)

const time = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 19).replace("T", " ")
