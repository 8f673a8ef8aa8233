import { accountIdOf } from "@keysweep/core/Account"
import { decodeHeldKey } from "@keysweep/core/Wire"
import type { KeyId, ProxyKeySecret } from "@keysweep/core/ProxyKey"
import { DateTime, Either } from "effect"
import type { Reading } from "../src/Inventory.ts"
import { Settings } from "../src/Settings.ts"
import type { PlanFacts } from "../src/Plan.ts"

export const now = DateTime.unsafeMake("2026-11-21T12:00:00Z")
export const seconds = DateTime.toEpochMillis(now) / 1000

export interface WireKey {
  readonly name?: string
  readonly key?: string
  readonly expires_at?: number
  readonly allocated_ammount?: number
  readonly used_ammount?: number
  readonly is_active?: boolean
  readonly model_whitelist?: ReadonlyArray<string>
  readonly ip_whitelist?: ReadonlyArray<string>
  readonly created_at?: number | null
  readonly last_used?: number | null
  readonly [other: string]: unknown
}

export const held = (number: number, wire: WireKey = {}) =>
  Either.getOrThrow(
    decodeHeldKey({
      name: `key-${number}`,
      key: `ek-proxy-${number.toString(16).padStart(16, "0")}`,
      expires_at: -1,
      allocated_ammount: 10,
      used_ammount: 4,
      is_active: true,
      model_whitelist: [],
      ip_whitelist: [],
      created_at: seconds - 86_400 * 90,
      last_used: seconds - 86_400 * 40,
      ...wire
    })
  )

export const account = accountIdOf("somebody")

export const readingOf = (wires: ReadonlyArray<WireKey>, unreadable = 0): Reading => {
  const all = wires.map((wire, number) => held(number, wire))
  return {
    account,
    at: now,
    dialect: "static",
    listing: {
      keys: all.map(({ key }) => key),
      secrets: new Map<KeyId, ProxyKeySecret>(all.map(({ key, secret }) => [key.id, secret])),
      answeredAt: null,
      unreadable: Array.from({ length: unreadable }, (_, position) => ({ position, problem: "cannot read name" }))
    }
  }
}

export const factsOf = (reading: Reading, nonce = "nonce", settings = Settings.none): PlanFacts => ({
  reading,
  now,
  nonce,
  estimate: (requests) => requests * 1000,
  timeScale: 1,
  settings,
  previous: null,
  scans: [],
  soaks: new Map(),
  holds: new Map(),
  leaked: new Map(),
  elsewhere: [],
  fromLog: []
})
