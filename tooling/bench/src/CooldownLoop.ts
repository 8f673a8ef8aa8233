import { setTimeout } from "node:timers/promises"
import type { EmulatorProcess } from "./EmulatorProcess.ts"

/** Milliseconds without an answer after an excess. Source: getting-started/rate-limits. */
const cooldown = 180_000

/**
 * Deletes every key as the vendor's pages show it, one request after the other, and waits out each cooldown before it
 * tries again. It reads the account once, and proves nothing.
 */
export const cooldownLoop = async (emulator: EmulatorProcess, timeScale: number): Promise<void> => {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    for (;;) {
      const response = await fetch(`${emulator.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${emulator.apiKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const answer: unknown = await response.json()
      if (response.ok) return answer
      if (response.status !== 429) throw new Error(`${method} ${path} answered ${response.status}`)
      await setTimeout(cooldown / timeScale)
    }
  }
  const keys = await call("GET", "/auth/proxy")
  if (!Array.isArray(keys)) throw new Error("the list of keys is no list")
  for (const { key } of keys) await call("POST", "/auth/proxy/remove", { proxy_key: key })
}
