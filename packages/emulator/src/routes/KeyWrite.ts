import { Either } from "effect"
import { json } from "../Answer.ts"
import type { Owned, StoredAccount, StoredKey } from "../AccountState.ts"
import type { Call, Handler } from "../Call.ts"
import { bodyOf, masterAccount, refuse } from "../Call.ts"
import { isAddressOrRange } from "../KeyAccess.ts"
import { allocate, credits, reallocate, turnWindow } from "../Money.ts"
import { keyCapOf } from "../Plan.ts"
import type { Refusal } from "../Refusal.ts"
import type { SettingsBody } from "../RequestBody.ts"
import { SettingsBody as SettingsSchema, UpdateBody } from "../RequestBody.ts"
import { nowSeconds } from "../World.ts"
import { keyView } from "./KeyView.ts"
import { owned, ownKey } from "./OwnKey.ts"

/** Not idempotent: the same body twice makes two keys. */
export const createKey: Handler = (call) =>
  Either.gen(function* () {
    const { switches } = call.world
    const account = yield* masterAccount(call)
    const settings = yield* bodyOf(call, SettingsSchema)
    yield* checkSettings(call, settings, undefined)
    const cap = switches.keyCap ?? keyCapOf(account.plan)
    if (account.keys.length >= cap) {
      return yield* refuse(403, `Proxy key limit reached. Maximum ${cap} proxy keys for your plan.`)
    }
    if (!allocate(account, settings.allocated_ammount, switches)) return yield* shortBalance(call)
    const key = newKey(call, settings)
    account.keys.push(key)
    return json(switches.createStatus, keyView(account, key, "list", switches))
  })

/** A full replacement: an allow-list left out lifts the restriction. `used_ammount` and `is_active` stay. */
export const updateKey: Handler = (call) =>
  Either.gen(function* () {
    const { switches } = call.world
    const account = yield* masterAccount(call)
    const { secret, settings } = yield* updateOf(call)
    const { key } = yield* owned(call, secret, account.apiKey)
    turnWindow(key, nowSeconds(call.world), switches)
    yield* checkSettings(call, settings, key)
    if (!reallocate(account, key, settings.allocated_ammount, switches)) return yield* shortBalance(call)
    replaceSettings(key, settings, switches.limitTypeOmitted)
    return json(200, { message: "Proxy key updated" })
  })

/** Flips: there is no way to say which state is wanted. `status` is the state after the call. */
export const toggleKey: Handler = (call) =>
  Either.map(ownKey(call), ({ key }: Owned) => {
    key.is_active = !key.is_active
    return json(200, { message: "Proxy key status updated", status: key.is_active })
  })

/** In the path dialect the key is in the path, else in the body. */
const updateOf = (call: Call) =>
  call.pathKey === undefined
    ? Either.map(bodyOf(call, UpdateBody), (settings) => ({ secret: settings.proxy_key, settings }))
    : Either.map(bodyOf(call, SettingsSchema), (settings) => ({ secret: call.pathKey ?? "", settings }))

const shortBalance = (call: Call) =>
  refuse(
    call.world.switches.shortBalance,
    "Insufficient balance.\n\nPlease wait for the next weekly refill or purchase more tokens in Electron Hub."
  )

const newKey = (call: Call, settings: SettingsBody): StoredKey => {
  const taken = new Set(call.world.accounts.flatMap((account: StoredAccount) => account.keys.map((key) => key.key)))
  let secret = call.world.secrets.proxyKey()
  while (taken.has(secret)) secret = call.world.secrets.proxyKey()
  const now = nowSeconds(call.world)
  return {
    name: settings.name,
    key: secret,
    expires_at: settings.expires_at,
    allocated_ammount: credits(settings.allocated_ammount),
    used_ammount: 0,
    is_active: true,
    model_whitelist: [...settings.model_whitelist],
    ip_whitelist: [...settings.ip_whitelist],
    created_at: now,
    last_used: null,
    limit_type: call.world.switches.createLimitType === "taken" ? (settings.limit_type ?? "daily") : "daily",
    enabled_thinking: true,
    window_started_at: now
  }
}

const replaceSettings = (key: StoredKey, settings: SettingsBody, omitted: "daily" | "kept"): void => {
  key.name = settings.name
  key.expires_at = settings.expires_at
  key.allocated_ammount = credits(settings.allocated_ammount)
  key.model_whitelist = [...settings.model_whitelist]
  key.ip_whitelist = [...settings.ip_whitelist]
  key.limit_type = settings.limit_type ?? (omitted === "kept" ? key.limit_type : "daily")
}

/** The rules of the create page; the update page has the same ones but for the expiry, which it does not mention. */
const checkSettings = (
  call: Call,
  settings: SettingsBody,
  existing: StoredKey | undefined
): Either.Either<void, Refusal> => {
  const { switches } = call.world
  const amount = settings.allocated_ammount
  if (amount < 0 || (amount === 0 && !switches.zeroAllocation)) {
    return refuse(400, "Allocated ammount must be positive", "allocated_ammount")
  }
  if (amount > switches.allocationCap) {
    return refuse(400, `Allocated ammount cannot exceed ${switches.allocationCap}`, "allocated_ammount")
  }
  const unchanged = existing?.expires_at === settings.expires_at && switches.expiredUpdate === "allowed"
  if (settings.expires_at !== -1 && settings.expires_at <= nowSeconds(call.world) && !unchanged) {
    return refuse(400, "Expiration must be -1 or a time in the future", "expires_at")
  }
  const wrong = settings.ip_whitelist.find((entry) => !isAddressOrRange(entry))
  return wrong === undefined ? Either.void : refuse(400, `Invalid IP address or CIDR range: ${wrong}`, "ip_whitelist")
}
