import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"

/** Some records could not be read, so nobody knows what "these keys" are. Only keys named one by one may be planned. */
export class InventoryPartial extends Schema.TaggedError<InventoryPartial>()("InventoryPartial", {
  unreadable: Schema.Int
}) {
  override get message(): string {
    return `${this.unreadable} ${this.unreadable === 1 ? "record of the list" : "records of the list"} could not be read: a partial inventory allows no bulk write. Name the keys one by one.`
  }
}

/** The plan may not run: it was changed, used, expired, is another account's, or the keys are not as planned. */
export class PlanStale extends Schema.TaggedError<PlanStale>()("PlanStale", {
  reason: Schema.Literal("changed", "used", "expired", "other account", "drift", "wrong hash", "unplanned keys"),
  detail: Schema.String,
  /** The differences, by key. */
  drift: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, changes: Schema.Array(Schema.String) }))
}) {
  override get message(): string {
    return this.detail
  }
}

/** None of the keys that were asked for can be done, each with the reason. Nothing was changed. */
export class KeysRefused extends Schema.TaggedError<KeysRefused>()("KeysRefused", {
  detail: Schema.String,
  keys: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String }))
}) {
  override get message(): string {
    return this.detail
  }
}

/** What was handed in is no plan document. Nothing was done. */
export class PlanUnreadable extends Schema.TaggedError<PlanUnreadable>()("PlanUnreadable", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** The operator did not say yes to exactly this plan. */
export class ConfirmationRefused extends Schema.TaggedError<ConfirmationRefused>()("ConfirmationRefused", {
  reason: Schema.Literal("no terminal", "declined", "three misses"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** Gate checks that block: all of them, not only the first. */
export class GateBlocked extends Schema.TaggedError<GateBlocked>()("GateBlocked", {
  blocks: Schema.Array(
    Schema.Struct({ check: Schema.String, detail: Schema.String, lift: Schema.NullOr(Schema.String) })
  )
}) {
  override get message(): string {
    return this.blocks.map(({ check, detail }) => `${check}: ${detail}`).join("; ")
  }
}
