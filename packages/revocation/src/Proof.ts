import { hasSettings, type NewSettings } from "@keysweep/core/KeySettings"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import type { Action } from "./Action.ts"
import type { KeyOutcome, Outcome } from "./Outcome.ts"

/** What a run did about one key, before anything is proven. */
export type Attempt =
  /** The upstream said that it did it. */
  | { readonly result: "acted" }
  /** The upstream said that it does not know the key. */
  | { readonly result: "gone" }
  /** Nothing was sent: the reading before the run did not show the key any more. */
  | { readonly result: "absent" }
  /** The upstream refused; nothing was done. */
  | { readonly result: "refused"; readonly detail: string }
  /** No usable answer: it may have been done. */
  | { readonly result: "doubt"; readonly detail: string }
  /** Nothing was sent: somebody has held this key since the run began. */
  | { readonly result: "held"; readonly detail: string }
  /** The run stopped before this key. */
  | { readonly result: "not sent"; readonly detail: string }

/** What a reading after the run shows of one key. `unread`: there is no complete reading. */
export type Shown = ProxyKey | "absent" | "unread"

export interface Verdict {
  readonly outcome: KeyOutcome
  readonly detail: string
}

/**
 * How one key ended: what the run did, judged by what a fresh reading shows. `done` only with that proof. `becomes`: the
 * settings that the action was to bring.
 */
export const judge = (action: Action, attempt: Attempt, shown: Shown, becomes: NewSettings | null = null): Verdict => {
  const wanted = isWanted(action, shown, becomes)
  const sent = attempt.result === "acted" || attempt.result === "doubt"
  if (sent && action === "contain" && shown === "absent") {
    return { outcome: "already-gone", detail: "somebody else deleted it" }
  }
  switch (attempt.result) {
    case "acted":
      if (wanted === null) return { outcome: "unverified", detail: "the upstream said yes; no reading proves it" }
      return wanted
        ? { outcome: "done", detail: "" }
        : {
            outcome: "unverified",
            detail: `the upstream said yes, but its list still shows the key ${becomes === null ? stateText(shown) : "with other settings"}`
          }
    case "gone":
      if (wanted === null)
        return { outcome: "unverified", detail: "the upstream did not know the key; no reading proves it" }
      return shown === "absent"
        ? { outcome: "already-gone", detail: "somebody else deleted it" }
        : { outcome: "failed", detail: "the upstream says 404 for a key that it lists: it has no such route" }
    case "doubt":
      if (wanted === null) return { outcome: "unverified", detail: attempt.detail }
      return wanted
        ? { outcome: "done", detail: "the reply was lost; the list proves it" }
        : { outcome: "failed", detail: attempt.detail }
    case "absent":
      return shown === "absent" || shown === "unread"
        ? { outcome: "already-gone", detail: "it was gone before the run" }
        : { outcome: "failed", detail: "it was gone before the run and is back" }
    case "refused":
      return shown === "absent"
        ? { outcome: "already-gone", detail: "somebody else deleted it" }
        : { outcome: "failed", detail: attempt.detail }
    case "held":
      return shown === "absent"
        ? { outcome: "already-gone", detail: "somebody else deleted it" }
        : { outcome: "blocked", detail: attempt.detail }
    case "not sent":
      return shown === "absent"
        ? { outcome: "already-gone", detail: "somebody else deleted it" }
        : { outcome: "skipped", detail: attempt.detail }
  }
}

/** Whether what a reading shows is what the action wants; `null` where there is no reading. */
export const isWanted = (action: Action, shown: Shown, becomes: NewSettings | null = null): boolean | null => {
  if (shown === "unread") return null
  switch (action) {
    case "delete":
    case "delete-all":
      return shown === "absent"
    case "disable":
      return shown === "absent" || !shown.active
    case "enable":
      return shown !== "absent" && shown.active
    case "contain":
    case "release":
      return shown !== "absent" && becomes !== null && hasSettings(shown, becomes)
  }
}

const stateText = (shown: Shown): string => (typeof shown === "string" ? shown : shown.active ? "active" : "disabled")

/** Why a run ended before its last key. */
export interface Stop {
  readonly outcome: Outcome
  readonly detail: string
}

/** The outcome of a whole run. Exit code 0 means that every planned key is done or was already gone. */
export const outcomeOf = (keys: ReadonlyArray<Verdict>, stop: Stop | null): Outcome => {
  if (stop?.outcome === "records") return "records"
  const count = (...outcomes: ReadonlyArray<KeyOutcome>) => keys.filter((key) => outcomes.includes(key.outcome)).length
  const ended = count("done", "already-gone")
  if (ended === keys.length && (keys.length > 0 || stop === null)) return "done"
  if (stop !== null) return stop.outcome
  if (ended === 0 && count("blocked") === keys.length) return "blocked"
  if (ended + count("unverified") === keys.length) return "unverified"
  return ended > 0 ? "partial" : "failed"
}
