import { oneLine } from "@keysweep/core/SafeText"
import type { Observation } from "@keysweep/revocation/Observe"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { counted, duration } from "./Words.ts"

type Live = Observation["live"][number]

/** A key that was seen to be used. */
export const liveText = ({ id, lastUsedAt, name }: Live, at: DateTime.Utc, style: Style): string =>
  `${style.dim(clock(at))}  ${style.green("live")}  ${oneLine(name, 60)} (${id})${lastUsedAt === null ? "" : `, used at ${clock(lastUsedAt)}`}`

export const observationText = (observation: Observation, readings: number, style: Style): string =>
  [
    `${counted(observation.live.length, "key was", "keys were")} used and ${observation.quiet} were quiet in ${duration(DateTime.distance(observation.since, observation.at))} (${counted(readings, "reading")}).`,
    style.dim("A quiet key may be one that is used at another time: quiet is no proof that nobody needs it.")
  ].join("\n")

export const observationDocument = (observation: Observation, readings: number) => ({
  schema: "keysweep.observation/1",
  since: DateTime.formatIso(observation.since),
  at: DateTime.formatIso(observation.at),
  readings,
  live: observation.live.map(({ id, lastUsedAt, name }) => ({
    id,
    name,
    lastUsedAt: lastUsedAt === null ? null : DateTime.formatIso(lastUsedAt)
  })),
  quiet: observation.quiet
})

const clock = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(11, 19)
