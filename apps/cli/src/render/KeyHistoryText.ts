import type { Retirement } from "@keysweep/audit/Projection"
import { ProxyKey } from "@keysweep/core/ProxyKey"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime, Schema } from "effect"
import type { Style } from "./Style.ts"

/** What became of a key, in a sentence. */
export const retirementText = (id: KeyId, retired: Retirement | null, style: Style): string => {
  if (retired === null) return `${id} was not retired by Keysweep, as far as this log goes.`
  const { actor, at, how, key, owner, reason } = retired
  const whose = owner === null ? "" : ` Owner: ${oneLine(owner, 60)}.`
  const why = reason === null ? "" : ` Reason: ${oneLine(reason, 200)}.`
  return `${style.bold(oneLine(key.name, 60))} (${id}) was ${how} on ${DateTime.formatIso(at).slice(0, 19).replace("T", " ")} UTC by ${oneLine(actor.name, 60)}.${whose}${why}`
}

export const retirementDocument = (retired: Retirement | null) =>
  retired === null
    ? null
    : { ...retired, key: Schema.encodeSync(ProxyKey)(retired.key), at: DateTime.formatIso(retired.at) }
