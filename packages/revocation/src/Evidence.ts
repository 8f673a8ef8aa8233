import type { UseRecord } from "@keysweep/core/AccountReader"
import { Credit, sum } from "@keysweep/core/Credit"
import { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Schema } from "effect"
import { type Inventory, InventoryKey } from "./Inventory.ts"
import { Stored } from "./scan/ScanMemory.ts"
import { ownerName, ownerOf } from "./Settings.ts"
import type { SettingsContent } from "./SettingsContent.ts"

/** What the account's request log shows of one key, within the time that the log covers. */
const Requests = Schema.Struct({
  from: Schema.DateTimeUtc,
  to: Schema.DateTimeUtc,
  count: Schema.Int,
  refused: Schema.Int,
  spent: Credit,
  lastAt: Schema.NullOr(Schema.DateTimeUtc),
  models: Schema.Array(Schema.String),
  addresses: Schema.Array(Schema.String)
})

/** Spent since the inventory before; `null`: there is none with this key. */
const SpentSince = Schema.NullOr(Schema.Struct({ since: Schema.DateTimeUtc, credits: Credit }))

/** What a plan says of each key beside its last use. */
export const KeyEvidence = Schema.Struct({
  id: KeyId,
  /** Person, service or channel that the settings name; `null`: nobody is named. */
  owner: Schema.NullOr(Schema.String),
  spentSince: SpentSince,
  stored: Stored
})
export type KeyEvidence = typeof KeyEvidence.Type

export interface EvidenceFacts {
  readonly previous: Inventory | null
  readonly stored: (key: KeyId) => Stored
  readonly settings: SettingsContent
}

/** Pure. */
export const keyEvidenceOf = (
  key: { readonly id: KeyId; readonly name: string; readonly used: Credit },
  { previous, settings, stored }: EvidenceFacts
): KeyEvidence => {
  const owner = ownerOf(settings, key)
  const before = previous?.keys.find((it) => it.id === key.id)
  return {
    id: key.id,
    owner: owner === null ? null : ownerName(owner),
    spentSince:
      before === undefined || previous === null
        ? null
        : { since: previous.at, credits: Credit.to.make(Math.max(0, key.used - before.used)) },
    stored: stored(key.id)
  }
}

/** All that is known of a key's use. What nothing shows is `unknown`; the word "unused" does not occur. */
export const Evidence = Schema.Struct({
  schema: Schema.Literal("keysweep.evidence/1"),
  key: InventoryKey,
  /** Person, service or channel that the settings name; `null`: nobody is named. */
  owner: Schema.NullOr(Schema.String),
  criticality: Schema.NullOr(Schema.Literal("low", "normal", "high")),
  spentSince: SpentSince,
  stored: Stored,
  requests: Schema.Union(Requests, Schema.Literal("unknown")),
  /** Another key with the same name, which may be the one that an application uses. */
  sameName: Schema.Array(KeyId)
}).annotations({ identifier: "Evidence" })
export type Evidence = typeof Evidence.Type

export const encodeEvidence = Schema.encodeSync(Evidence)

/** Pure. `log`: the account's request log, `null` where it could not be read. */
export const evidenceOf = (
  key: InventoryKey,
  facts: EvidenceFacts & {
    readonly inventory: Inventory
    readonly log: ReadonlyArray<UseRecord> | null
  }
): Evidence => {
  const { owner, spentSince, stored } = keyEvidenceOf(key, facts)
  return {
    schema: "keysweep.evidence/1",
    key,
    owner,
    criticality: ownerOf(facts.settings, key)?.criticality ?? null,
    spentSince,
    stored,
    requests: facts.log === null ? "unknown" : requestsOf(key.id, facts.log, facts.inventory.at),
    sameName: facts.inventory.keys.filter((it) => it.name === key.name && it.id !== key.id).map((it) => it.id)
  }
}

/**
 * A log covers the time from its oldest record until now. Whether requests made with proxy keys are in it at all is not
 * documented, so a log that shows none of any proxy key says nothing about this one.
 */
const requestsOf = (id: KeyId, log: ReadonlyArray<UseRecord>, now: DateTime.Utc): Evidence["requests"] => {
  const times = log.filter((record) => record.key !== null).map((record) => record.at)
  const [first, ...others] = times
  if (first === undefined) return "unknown"
  const mine = log.filter((record) => record.key === id)
  const moments = mine.map((record) => record.at)
  return {
    from: others.reduce(DateTime.min, first),
    to: now,
    count: mine.length,
    refused: mine.filter((record) => record.status === "error").length,
    spent: sum(mine.map((record) => record.spent)),
    lastAt: moments.length === 0 ? null : moments.reduce(DateTime.max),
    models: distinct(mine.map((record) => record.model)),
    addresses: distinct(mine.map((record) => record.address))
  }
}

const distinct = (texts: ReadonlyArray<string | null>): ReadonlyArray<string> =>
  [...new Set(texts.flatMap((text) => (text === null ? [] : [text])))].sort()
