import type { StoredAccount, StoredKey } from "../AccountState.ts"
import { userIdOf } from "../AccountState.ts"
import type { Settled } from "../Switches.ts"

/**
 * A key as list, create and lookup show it: always with the whole secret. `user_id` and `enabled_thinking` are on the
 * lookup page only, `limit_type` in no response at all; switches say otherwise.
 */
export const keyView = (account: StoredAccount, stored: StoredKey, call: "list" | "lookup", switches: Settled) => {
  const { limit_type, enabled_thinking, window_started_at: _, last_used, ...shown } = stored
  const shows = (when: "never" | "lookup" | "always") => when === "always" || (when === "lookup" && call === "lookup")
  return {
    ...shown,
    last_used: last_used ?? (switches.neverUsed === "null" ? null : 0),
    ...(shows(switches.showUserId) ? { user_id: userIdOf(account) } : {}),
    ...(shows(switches.showThinking) ? { enabled_thinking } : {}),
    ...(shows(switches.showLimitType) ? { limit_type } : {})
  }
}
