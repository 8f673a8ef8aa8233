import type { StateDocument, StoredAccount } from "./AccountState.ts"
import { demoKeys, demoLogs } from "./DemoKeys.ts"
import type { SecretSource } from "./SecretSource.ts"

export interface SeedOptions {
  readonly apiKey: string
  readonly secrets: SecretSource
  readonly nowSeconds: number
  /** Keys that belong to somebody else, so that 403 can be seen. */
  readonly foreignKeys: number
}

/** An account as a small team has it: a dozen keys that a person would recognise, some of them worth a look. */
export const demoSeed = (options: SeedOptions): StateDocument => {
  const keys = demoKeys(options.secrets, options.nowSeconds)
  return withForeign(options, {
    ...emptyAccount(options),
    label: "demo",
    plan: "pro",
    balance: 250,
    keys,
    logs: demoLogs(keys, options.nowSeconds)
  })
}

export const emptySeed = (options: SeedOptions): StateDocument =>
  withForeign(options, { ...emptyAccount(options), label: "empty", balance: 100 })

const emptyAccount = ({ apiKey, secrets }: SeedOptions): StoredAccount => ({
  apiKey,
  label: "account",
  plan: "free",
  balance: 0,
  userId: `user_${secrets.proxyKey().slice(-12)}`,
  regeneratedAt: null,
  keys: [],
  logs: []
})

const withForeign = (options: SeedOptions, own: StoredAccount): StateDocument =>
  options.foreignKeys === 0 ? { accounts: [own] } : { accounts: [own, foreignAccount(options)] }

const foreignAccount = ({ secrets, nowSeconds, foreignKeys }: SeedOptions): StoredAccount => ({
  apiKey: secrets.masterKey(),
  label: "somebody else",
  plan: "free",
  balance: 10,
  userId: "user_somebody_else",
  regeneratedAt: null,
  logs: [],
  keys: Array.from({ length: foreignKeys }, (_, index) => ({
    name: `foreign ${index + 1}`,
    key: secrets.proxyKey(),
    expires_at: -1,
    allocated_ammount: 5,
    used_ammount: 0,
    is_active: true,
    model_whitelist: [],
    ip_whitelist: [],
    created_at: nowSeconds - 86_400,
    last_used: null,
    limit_type: "daily",
    enabled_thinking: true,
    window_started_at: nowSeconds
  }))
})
