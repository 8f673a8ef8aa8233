import { Either } from "effect"
import { json } from "../Answer.ts"
import type { LogEntry } from "../AccountState.ts"
import type { Handler } from "../Call.ts"
import { masterAccount, refuse } from "../Call.ts"
import { credits } from "../Money.ts"
import { isoTime } from "../WallClock.ts"

/** Plan, credits, tokens, requests by day and by endpoint; no limits, no keys. Source: api-reference/usage. */
export const userMe: Handler = (call) =>
  Either.map(masterAccount(call), (account) => {
    const calls = (route: string) => account.logs.filter((entry) => entry.route === route).length
    return json(200, {
      subscription: account.plan,
      credits: call.world.switches.credits === "integer" ? Math.floor(account.balance) : account.balance,
      usage: { input_tokens: total(account.logs, "input_tokens"), output_tokens: total(account.logs, "output_tokens") },
      history: history(account.logs),
      endpoints: {
        "chat.completions": calls("chat.completions"),
        "images.generations": calls("images.generations"),
        "images.edits": calls("images.edits"),
        "videos.generations": calls("videos.generations")
      }
    })
  })

/** Every line has the whole key of the caller. Source: api-reference/user-logs. */
export const userLogs: Handler = (call) => Either.map(masterAccount(call), (account) => json(200, account.logs))

export const userModels: Handler = (call) =>
  Either.map(masterAccount(call), (account) => {
    const names = [...new Set(account.logs.map((entry) => entry.model))]
    const models = names.map((name) => {
      const entries = account.logs.filter((entry) => entry.model === name)
      const use = {
        requests: entries.length,
        input_tokens: total(entries, "input_tokens"),
        output_tokens: total(entries, "output_tokens"),
        total_cost: cost(entries),
        owned_by: "emulator"
      }
      return [name, use] as const
    })
    const last_updated = Math.floor(call.world.clock.now() / 1000)
    return json(200, { total_consumption: cost(account.logs), models: Object.fromEntries(models), last_updated })
  })

/** A GET that destroys: the old master key is dead with the answer, which alone has the new one. Once an hour. */
export const regenerateKey: Handler = (call) =>
  Either.gen(function* () {
    const { clock, secrets, timeScale } = call.world
    const account = yield* masterAccount(call)
    const now = clock.now()
    if (account.regeneratedAt !== null && now < account.regeneratedAt + 3_600_000 / timeScale) {
      return yield* refuse(429, "API key can be regenerated once per hour.")
    }
    account.apiKey = secrets.masterKey()
    account.regeneratedAt = now
    return json(200, { key: account.apiKey })
  })

const modelNames = ["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022", "gemini-2.0-flash", "dall-e-3"]

/** Public: cannot tell a good key from a bad one. */
export const models: Handler = () =>
  Either.right(
    json(200, { object: "list", data: modelNames.map((id) => ({ id, object: "model", owned_by: "emulator" })) })
  )

const total = (entries: ReadonlyArray<LogEntry>, field: "input_tokens" | "output_tokens"): number =>
  entries.reduce((sum, entry) => sum + (entry[field] ?? 0), 0)

const cost = (entries: ReadonlyArray<LogEntry>): number =>
  credits(entries.reduce((sum, entry) => sum + entry.credits, 0))

const history = (entries: ReadonlyArray<LogEntry>) => {
  const byDate = new Map<string, number>()
  for (const entry of entries) {
    const date = isoTime(entry.timestamp * 1000).slice(0, 10)
    byDate.set(date, (byDate.get(date) ?? 0) + 1)
  }
  const days = [...byDate.keys()].sort((a, b) => (a < b ? 1 : -1)).slice(0, 7)
  return days.map((date) => ({ date, requests: byDate.get(date) ?? 0 }))
}
