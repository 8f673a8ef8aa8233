import type { AccountId } from "@keysweep/core/Account"
import { toCredits } from "@keysweep/core/Credit"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime } from "effect"
import type { Inventory, InventoryKey } from "./Inventory.ts"

import { protectionOf } from "./Settings.ts"
import type { SettingsContent } from "./SettingsContent.ts"

/** One way to zero active keys, with what it takes. A person types its phrase, which chooses it and confirms it. */
export interface PanicChoice {
  readonly way: "disable" | "delete"
  readonly account: AccountId
  /** Riskiest first. */
  readonly keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>
  readonly skipped: ReadonlyArray<{ readonly id: KeyId; readonly name: string; readonly reason: string }>
  readonly method: "each" | "bulk"
  /** `null`: from a reading of just now; else the time of the last inventory, because a reading would have to wait. */
  readonly asOf: DateTime.Utc | null
  /** Writes; the proof comes on top. */
  readonly requests: number
  /** Until the last write may go, under this account's limit. */
  readonly seconds: number
  readonly phrase: string
}

/**
 * Both ways, side by side: each active key disabled, which can be taken back, or every key deleted, which cannot. A
 * protected key is skipped here too, and then deleting goes one by one.
 */
export const panicChoices = (
  inventory: Inventory,
  settings: SettingsContent,
  /** Milliseconds that so many requests take. */
  estimate: (requests: number) => number,
  /** The inventory is the last one that was kept: keys may have been made since. */
  remembered = false
): ReadonlyArray<PanicChoice> =>
  (["disable", "delete"] as const).map((way) => {
    // Among keys that were made since there may be a protected one.
    const mayHide = remembered && settings.protected.length > 0
    const wanted = inventory.keys.filter((key) => way === "delete" || key.state !== "disabled")
    const skipped = wanted.flatMap((key) => {
      const why = protectionOf(settings, key, inventory.at)
      return why === null ? [] : [{ id: key.id, name: key.name, reason: `protected: ${why}` }]
    })
    const keys = wanted.filter((key) => !skipped.some(({ id }) => id === key.id)).sort(byRisk(inventory.at))
    const method = way === "delete" && skipped.length === 0 && !inventory.partial && !mayHide ? "bulk" : "each"
    const requests = method === "bulk" ? Math.min(1, keys.length) : keys.length + (remembered ? 1 : 0)
    return {
      way,
      account: inventory.account,
      keys: keys.map(({ id, name }) => ({ id, name })),
      skipped,
      method,
      asOf: remembered ? inventory.at : null,
      requests,
      seconds: Math.ceil(estimate(requests) / 100) / 10,
      phrase: `panic ${way} ${keys.length} ${inventory.account}`
    }
  })

/** The choice whose phrase was typed; nothing but the exact phrase chooses. */
export const panicChosen = (choices: ReadonlyArray<PanicChoice>, answer: string): PanicChoice | null =>
  choices.find(({ phrase }) => phrase === answer.trim()) ?? null

/** Whether a panic that was confirmed then, and has not begun, is not what anybody means any more. */
export const isPanicLate = (confirmedAt: DateTime.Utc, now: DateTime.Utc): boolean =>
  DateTime.distance(confirmedAt, now) > 10 * 60_000

/** Riskiest first: works now, then without limits, then used lately, then with the most credit to lose. */
const byRisk =
  (now: DateTime.Utc) =>
  (a: InventoryKey, b: InventoryKey): number => {
    const before = riskOf(a, now)
    const after = riskOf(b, now)
    return (
      after[0] - before[0] ||
      after[1] - before[1] ||
      after[2] - before[2] ||
      after[3] - before[3] ||
      (a.id < b.id ? -1 : 1)
    )
  }

const riskOf = (key: InventoryKey, now: DateTime.Utc): readonly [number, number, number, number] => [
  key.state === "active" ? 1 : 0,
  ["any-model", "any-address", "no-expiry"].filter((finding) => key.findings.some((it) => it === finding)).length,
  key.lastUsedAt !== null && DateTime.distance(key.lastUsedAt, now) < 86_400_000 ? 1 : 0,
  toCredits(key.remaining)
]
