import { Schema } from "effect"
import { liveMillis } from "./WallClock.ts"

export const LimitType = Schema.Literal("daily", "weekly", "monthly")
export type LimitType = typeof LimitType.Type

const texts = Schema.optionalWith(Schema.mutable(Schema.Array(Schema.String)), { default: () => [] })
const number = (initial: () => number) => Schema.optionalWith(Schema.Number, { default: initial })
const nowSeconds = () => Math.floor(liveMillis() / 1000)

/** A proxy key as it is kept and shown: the wire's own fields, and any further one that a seed gave it. */
export const StoredKey = Schema.mutable(
  Schema.Struct(
    {
      name: Schema.String,
      key: Schema.NonEmptyString,
      expires_at: number(() => -1),
      allocated_ammount: Schema.Number,
      used_ammount: number(() => 0),
      is_active: Schema.optionalWith(Schema.Boolean, { default: () => true }),
      model_whitelist: texts,
      ip_whitelist: texts,
      created_at: number(nowSeconds),
      last_used: Schema.optionalWith(Schema.NullOr(Schema.Number), { default: () => null }),
      limit_type: Schema.optionalWith(LimitType, { default: () => "daily" }),
      enabled_thinking: Schema.optionalWith(Schema.Boolean, { default: () => true }),
      /** Unix seconds since which `used_ammount` is counted; never shown to clients. */
      window_started_at: number(nowSeconds)
    },
    { key: Schema.String, value: Schema.Unknown }
  )
)
export type StoredKey = typeof StoredKey.Type

const tokens = Schema.optional(Schema.Number)

/** One line of `user/logs`, as on the wire. */
export const LogEntry = Schema.Struct({
  key: Schema.String,
  model: Schema.String,
  route: Schema.String,
  credits: Schema.Number,
  timestamp: Schema.Number,
  status: Schema.Literal("success", "cancelled", "error"),
  input_tokens: tokens,
  output_tokens: tokens,
  ip: Schema.String
})
export type LogEntry = typeof LogEntry.Type

export const StoredAccount = Schema.mutable(
  Schema.Struct({
    apiKey: Schema.NonEmptyString,
    label: Schema.optionalWith(Schema.String, { default: () => "account" }),
    /** free, starter, plus, core, pro, business, enterprise (or basic, standard as the create page has them). */
    plan: Schema.optionalWith(Schema.String, { default: () => "free" }),
    /** Credits. */
    balance: number(() => 0),
    userId: Schema.optional(Schema.String),
    /** Requests per minute of this account alone; else the switch `rpm`, else by plan. */
    rpm: Schema.optional(Schema.Positive.pipe(Schema.int())),
    /** Unix milliseconds of the last regeneration of the master key. */
    regeneratedAt: Schema.optionalWith(Schema.NullOr(Schema.Number), { default: () => null }),
    keys: Schema.optionalWith(Schema.mutable(Schema.Array(StoredKey)), { default: () => [] }),
    /** Newest first. */
    logs: Schema.optionalWith(Schema.mutable(Schema.Array(LogEntry)), { default: () => [] })
  })
)
export type StoredAccount = typeof StoredAccount.Type

/** What `GET state` gives, `--seed FILE` reads and `--data FILE` keeps. The first account is the caller's own. */
export const StateDocument = Schema.Struct({
  now: Schema.optional(Schema.String),
  accounts: Schema.mutable(Schema.NonEmptyArray(StoredAccount))
})
export type StateDocument = typeof StateDocument.Type

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T

/** A state document as people write it: `apiKey` for an account, `name`, `key` and `allocated_ammount` for a key. */
export type StateInput = Frozen<typeof StateDocument.Encoded>
export type AccountInput = StateInput["accounts"][0]
export type KeyInput = Frozen<typeof StoredKey.Encoded>

/** A deep copy, so that a seed stays as it was. */
export const copyAccounts = (document: StateDocument): [StoredAccount, ...Array<StoredAccount>] => {
  const [first, ...others] = document.accounts
  return [copyAccount(first), ...others.map(copyAccount)]
}

const copyAccount = (account: StoredAccount): StoredAccount => structuredClone(account)

/** What identifies an account across a change of its master key. */
export const userIdOf = (account: StoredAccount): string => account.userId ?? `user_${account.label}`

export interface Owned {
  readonly account: StoredAccount
  readonly key: StoredKey
}

export const findKey = (accounts: ReadonlyArray<StoredAccount>, secret: string): Owned | undefined => {
  for (const account of accounts) {
    const key = account.keys.find((key) => key.key === secret)
    if (key !== undefined) return { account, key }
  }
  return undefined
}
