import type { LogEntry, StoredKey } from "./AccountState.ts"
import type { SecretSource } from "./SecretSource.ts"

const minute = 60
const hour = 3600
const day = 86_400

/** Age, last use and expiry in seconds from now; `undefined`: never. */
interface Sketch {
  readonly name: string
  readonly age: number
  readonly used?: number
  readonly expiresIn?: number
  readonly allocated: number
  readonly spent: number
  readonly inactive?: true
  readonly models?: ReadonlyArray<string>
  readonly addresses?: ReadonlyArray<string>
  readonly window?: "daily" | "weekly" | "monthly"
}

const sketches: ReadonlyArray<Sketch> = [
  {
    name: "production-web",
    age: 210 * day,
    used: 40,
    expiresIn: 155 * day,
    allocated: 500,
    spent: 213.47,
    models: ["gpt-4o", "gpt-4o-mini"],
    addresses: ["203.0.113.0/24"],
    window: "monthly"
  },
  {
    name: "production-worker",
    age: 180 * day,
    used: 3 * minute,
    expiresIn: 185 * day,
    allocated: 300,
    spent: 87.2,
    models: ["gpt-4o-mini"],
    addresses: ["203.0.113.42"],
    window: "monthly"
  },
  {
    name: "staging",
    age: 120 * day,
    used: 9 * hour,
    expiresIn: 60 * day,
    allocated: 50,
    spent: 12.75,
    models: ["gpt-4o-mini"]
  },
  {
    name: "github-ci",
    age: 90 * day,
    used: 2 * hour,
    expiresIn: 90 * day,
    allocated: 25,
    spent: 4.1,
    models: ["gpt-4o-mini"]
  },
  {
    name: "mara (contractor)",
    age: 75 * day,
    used: 33 * day,
    expiresIn: 15 * day,
    allocated: 40,
    spent: 22.3,
    models: ["claude-3-5-sonnet-20241022"]
  },
  { name: "jonas laptop", age: 300 * day, used: 6 * day, allocated: 20, spent: 7.85 },
  { name: "hackathon-2026-03", age: 250 * day, used: 240 * day, expiresIn: -235 * day, allocated: 30, spent: 18.6 },
  {
    name: "slack-summariser",
    age: 45 * day,
    used: 5 * day,
    expiresIn: 120 * day,
    allocated: 15,
    spent: 15,
    models: ["gpt-4o-mini"]
  },
  { name: "new-search (not live)", age: 12 * day, expiresIn: 353 * day, allocated: 100, spent: 0, models: ["gpt-4o"] },
  { name: "everything key", age: 400 * day, used: 26 * hour, allocated: 1000, spent: 402.15 },
  {
    name: "old-mobile-app",
    age: 380 * day,
    used: 95 * day,
    allocated: 60,
    spent: 31.4,
    inactive: true,
    models: ["gpt-4o"]
  },
  { name: "leaked? see #482", age: 150 * day, used: 12 * minute, expiresIn: 200 * day, allocated: 80, spent: 79.2 }
]

export const demoKeys = (secrets: SecretSource, nowSeconds: number): Array<StoredKey> =>
  sketches.map((sketch) => ({
    name: sketch.name,
    key: secrets.proxyKey(),
    expires_at: sketch.expiresIn === undefined ? -1 : nowSeconds + sketch.expiresIn,
    allocated_ammount: sketch.allocated,
    used_ammount: sketch.spent,
    is_active: sketch.inactive !== true,
    model_whitelist: [...(sketch.models ?? [])],
    ip_whitelist: [...(sketch.addresses ?? [])],
    created_at: nowSeconds - sketch.age,
    last_used: sketch.used === undefined ? null : nowSeconds - sketch.used,
    limit_type: sketch.window ?? "daily",
    enabled_thinking: true,
    window_started_at: nowSeconds
  }))

/** The last call of each key that was used within a week. */
export const demoLogs = (keys: ReadonlyArray<StoredKey>, nowSeconds: number): Array<LogEntry> =>
  keys.flatMap((key) =>
    key.last_used === null || key.last_used < nowSeconds - 7 * day ? [] : [lastCall(key, key.last_used)]
  )

const lastCall = (key: StoredKey, timestamp: number): LogEntry => ({
  key: key.key,
  model: key.model_whitelist[0] ?? "gpt-4o",
  route: "chat.completions",
  credits: 0.0125,
  timestamp,
  status: "success",
  input_tokens: 420,
  output_tokens: 96,
  ip: key.ip_whitelist.length > 0 ? "203.0.113.42" : "198.51.100.7"
})
