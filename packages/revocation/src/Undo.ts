import type { LogRecord } from "@keysweep/audit/LogRecord"
import { RunId } from "@keysweep/audit/RunId"
import { hasSettings } from "@keysweep/core/KeySettings"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Either, Schema } from "effect"
import type { Narrowed } from "./Contain.ts"
import type { Plan } from "./Plan.ts"
import type { PlanRequest } from "./PlanRequest.ts"

/** This run cannot be undone, and why. Nothing was changed. */
export class UndoRefused extends Schema.TaggedError<UndoRefused>()("UndoRefused", {
  detail: Schema.String,
  /** Keys that the run deleted: their values are gone for good. */
  deleted: Schema.Array(KeyId)
}) {
  override get message(): string {
    return this.detail
  }
}

/**
 * What would take a run back: exactly the keys that it disabled, enabled again, or what it took from keys given back.
 * Keys that were disabled before it stay so. A deletion cannot be undone: the upstream cannot make a value again. Keys
 * that somebody has deleted since are refused in the plan, and the others are done.
 */
export const undoOf = (run: RunId, records: ReadonlyArray<LogRecord>): Either.Either<PlanRequest, UndoRefused> => {
  const refuse = (detail: string, deleted: ReadonlyArray<KeyId> = []) =>
    Either.left(new UndoRefused({ detail, deleted }))
  const events = records.flatMap((record) => (record.run === run ? [record.event] : []))
  const started = events.find((event) => event._tag === "RunStarted")
  if (started === undefined) return refuse(`The log knows no run ${run}.`)
  if (started.action === "contain") return giveBack(run, events) ?? refuse(`${run} changed nothing.`)
  const retired = events.flatMap((event) => (event._tag === "KeyRetired" ? [event] : []))
  const deleted = retired.flatMap(({ how, key }) => (how === "deleted" ? [key.id] : []))
  if (deleted.length > 0) {
    return refuse(
      `${run} deleted ${deleted.length} keys. Their values cannot be made again; only new keys with the old settings can.`,
      deleted
    )
  }
  const disabled = retired.map(({ key: { id, name } }) => ({ id, name }))
  if (disabled.length === 0 && events.some((event) => event._tag === "SoakStarted")) {
    return refuse(
      `${run} disabled nothing: its keys were disabled before, and it let them soak. Hold or enable them, and they are not deleted.`
    )
  }
  return disabled.length === 0
    ? refuse(`${run} disabled nothing that a proof has shown. If it did not end, resume it first.`)
    : Either.right({ action: "enable", undoes: { run, keys: disabled, taken: new Map() }, reason: `undo of ${run}` })
}

/** What a contain took from keys, whether or not it came to its end: the plan looks at what it really changed. */
const giveBack = (run: RunId, events: ReadonlyArray<LogRecord["event"]>) => {
  const taken = new Map<KeyId, Narrowed>(
    events.flatMap((event) =>
      event._tag === "KeyPlanned" && event.becomes !== undefined
        ? [[event.key.id, { was: event.key, became: event.becomes }] as const]
        : []
    )
  )
  const keys = [...taken.values()].map(({ was: { id, name } }) => ({ id, name }))
  return keys.length === 0
    ? null
    : Either.right<PlanRequest>({ action: "release", undoes: { run, keys, taken }, reason: `undo of ${run}` })
}

/**
 * Whether a plan that gives back gives only what a run took: anybody can write a file that says so. Each setting of it is
 * the key's own or one that a contain found.
 */
export const isGivenBack = (plan: Plan, records: ReadonlyArray<LogRecord>): boolean => {
  if (plan.action !== "release") return true
  const found = records.flatMap(({ event }) =>
    event._tag === "KeyPlanned" && event.becomes !== undefined ? [event.key] : []
  )
  return plan.keys.every(({ becomes, id, settings }) => {
    const known = [settings, ...found.filter((key) => key.id === id)]
    return (
      becomes !== null &&
      (["expiresAt", "allocated", "models", "addresses"] as const).every((field) =>
        known.some((key) => hasSettings({ ...becomes, [field]: key[field] }, becomes))
      )
    )
  })
}
