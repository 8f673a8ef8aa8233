import type { LogRecord } from "@keysweep/audit/LogRecord"
import { RunId } from "@keysweep/audit/RunId"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Either, Schema } from "effect"
import type { PlanRequest } from "./Plan.ts"

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
 * What would take a run back: exactly the keys that it disabled, enabled again. Keys that were disabled before it stay
 * so. A deletion cannot be undone: the upstream cannot make a value again.
 */
export const undoOf = (run: RunId, records: ReadonlyArray<LogRecord>): Either.Either<PlanRequest, UndoRefused> => {
  const refuse = (detail: string, deleted: ReadonlyArray<KeyId> = []) =>
    Either.left(new UndoRefused({ detail, deleted }))
  const events = records.flatMap((record) => (record.run === run ? [record.event] : []))
  const started = events.find((event) => event._tag === "RunStarted")
  if (started === undefined) return refuse(`The log knows no run ${run}.`)
  const retired = events.flatMap((event) => (event._tag === "KeyRetired" ? [event] : []))
  const deleted = retired.flatMap(({ how, key }) => (how === "deleted" ? [key.id] : []))
  if (deleted.length > 0) {
    return refuse(
      `${run} deleted ${deleted.length} keys. Their values cannot be made again; only new keys with the old settings can.`,
      deleted
    )
  }
  const disabled = retired.map(({ key }) => key.id)
  return disabled.length === 0
    ? refuse(`${run} disabled nothing that a proof has shown. If it did not end, resume it first.`)
    : Either.right({ action: "enable", selector: { keys: disabled }, reason: `undo of ${run}` })
}
