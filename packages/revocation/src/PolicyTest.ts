import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { Action } from "./Action.ts"
import { Finding } from "./Findings.ts"
import type { Inventory } from "./Inventory.ts"
import { isAutomatic, ownerName, ownerOf, protectionOf } from "./Settings.ts"
import type { SettingsContent } from "./SettingsContent.ts"

/** What the settings say of each key of an inventory: which rules touch it, and how. */
export const PolicyReport = Schema.Struct({
  schema: Schema.Literal("keysweep.policy-test/1"),
  keys: Schema.Array(
    Schema.Struct({
      id: KeyId,
      name: Schema.String,
      findings: Schema.Array(Finding),
      /** Why no action touches it; `null`: it is not protected. */
      protected: Schema.NullOr(Schema.String),
      owner: Schema.NullOr(Schema.String),
      criticality: Schema.NullOr(Schema.Literal("low", "normal", "high")),
      /** What may happen to it without anybody. */
      automatic: Schema.Array(Action)
    })
  )
}).annotations({ identifier: "PolicyReport" })
export type PolicyReport = typeof PolicyReport.Type

export const encodePolicyReport = Schema.encodeSync(PolicyReport)

/** Pure: settings against an inventory, at the time of that inventory. */
export const policyTest = (settings: SettingsContent, inventory: Inventory): PolicyReport => ({
  schema: "keysweep.policy-test/1",
  keys: inventory.keys.map((key) => {
    const owner = ownerOf(settings, key)
    const protection = protectionOf(settings, key, inventory.at)
    return {
      id: key.id,
      name: key.name,
      findings: key.findings,
      protected: protection,
      owner: owner === null ? null : ownerName(owner),
      criticality: owner?.criticality ?? null,
      automatic: protection === null ? Action.literals.filter((action) => isAutomatic(settings, action, [key])) : []
    }
  })
})
