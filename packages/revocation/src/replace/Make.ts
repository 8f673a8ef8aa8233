import { CallSettled, KeyCreated, KeyValidated, ValueDelivered, ValueUndelivered } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import { KeyCheck } from "@keysweep/core/KeyCheck"
import { KeyMaker } from "@keysweep/core/KeyMaker"
import type { ReadError } from "@keysweep/core/KeyReader"
import type { NewKey } from "@keysweep/core/KeySettings"
import { KeyWriter, type WriteError } from "@keysweep/core/KeyWriter"
import { type KeyId, type ProxyKey, type ProxyKeySecret, settingsDigest } from "@keysweep/core/ProxyKey"
import { Data, DateTime, Effect, Schema } from "effect"
import { read } from "../Inventory.ts"
import { tellStep } from "../Progress.ts"
import type { Stop } from "../Proof.ts"
import { SinkText, sinkFor, sinkText } from "../sinks/SinkTarget.ts"
import { Sinks } from "../sinks/Sinks.ts"
import { stopOf } from "../SweepError.ts"
import { heirOf, heirsIn } from "./Heirs.ts"
import { candidates, type Making, notBegun } from "./Making.ts"
import type { Replacing } from "./Replacing.ts"

/** One key could not be replaced, or not to the end. */
export class Halted extends Data.TaggedError("Halted")<{
  readonly detail: string
  /** Set where the whole run ends with it. */
  readonly stop: Stop | null
  /** The new key that was made all the same. */
  readonly made?: KeyId
}> {}

/** A new key whose value is where it belongs. */
export interface Replacement {
  readonly id: KeyId
  readonly secret: ProxyKeySecret
  readonly wanted: NewKey
  /** The sinks, each with what is known of it. */
  readonly delivered: ReadonlyArray<string>
  readonly validatedAt: DateTime.Utc
}

/** What there was before each create, and what this run has made. */
export interface Seen {
  readonly ids: ReadonlyArray<KeyId>
  readonly makings: ReadonlyMap<KeyId, Making>
}

/**
 * Makes the new key in place of one old key, puts its value where it belongs, and asks the upstream whether it works; or
 * goes on from where the log says that this was left. The old key is not touched.
 */
export const makeOne = (task: Replacing, old: ProxyKey, seen: Seen) =>
  Effect.gen(function* () {
    const making = seen.makings.get(old.id) ?? notBegun
    const born = yield* bear(task, old, making, seen)
    const rest = Effect.gen(function* () {
      if (task.action === "recreate" && !old.active) yield* switchOff(task, born)
      if (task.values.limitType !== null && !making.limited) yield* limit(task, born, task.values.limitType)
      yield* tellStep(old, "delivering")
      const delivered = yield* deliver(task, old.name, born, making)
      const works = task.action === "rotate" || old.active
      if (works) yield* tellStep(old, "validating")
      const validatedAt = making.validatedAt ?? (works ? yield* validate(task, born) : yield* DateTime.now)
      return { ...born, delivered, validatedAt }
    })
    return yield* Effect.mapError(rest, (error) => orphaned(haltedBy(error), born.id))
  }).pipe(Effect.mapError(haltedBy), Effect.withSpan("Make.makeOne"))

type Born = Pick<Replacement, "id" | "secret" | "wanted">

const bear = (task: Replacing, old: ProxyKey, making: Making, seen: Seen) =>
  Effect.gen(function* () {
    const log = yield* Log
    const { keys, secrets } = task.reading.listing
    const known = (id: KeyId, wanted: NewKey) =>
      Effect.gen(function* () {
        if (!making.mapped) yield* log.append(KeyCreated.make({ old: old.id, new: id }), task.run)
        const secret = secrets.get(id)
        if (secret !== undefined) return { id, secret, wanted } satisfies Born
        return yield* new Halted({ detail: `its new key ${id} is gone: somebody has deleted it`, stop: null, made: id })
      })
    if (making.made !== null && making.sent !== null) return yield* known(making.made, making.sent.wanted)
    if (making.open !== null && making.sent !== null) {
      const [found, ...others] = candidates(making, keys, seen.makings)
      if (found !== undefined && others.length > 0) {
        const ids = [found, ...others].map(({ id }) => id).join(", ")
        const detail = `the reply to its create was lost, and ${ids} are all new with its settings: nobody can tell which of them is this run's. Delete those that nobody uses, and make a new plan`
        return yield* new Halted({ detail, stop: { outcome: "unverified", detail } })
      }
      const outcome =
        found === undefined
          ? ({ result: "undone", detail: "settled by a later reading" } as const)
          : ({ result: "done", key: found.id, detail: "settled by a later reading" } as const)
      yield* log.append(CallSettled.make({ id: making.open, outcome }), task.run)
      if (found !== undefined) return yield* known(found.id, making.sent.wanted)
    }
    yield* asPlanned(task, old)
    const wanted = yield* wantedFor(task, old)
    yield* tellStep(old, "creating")
    const { key, secret } = yield* (yield* KeyMaker).create(wanted, seen.ids, old.id)
    yield* log.append(KeyCreated.make({ old: old.id, new: key.id }), task.run)
    return { id: key.id, secret, wanted } satisfies Born
  })

/**
 * A run that is resumed makes nothing that another one has made meanwhile, and gives nothing back that somebody has taken
 * from the old key.
 */
const asPlanned = ({ action, reading, records, run }: Replacing, old: ProxyKey): Effect.Effect<void, Halted> => {
  const listed = reading.listing.keys
  const heir = heirOf(
    heirsIn(records, listed).filter((it) => it.run !== run),
    old.id,
    listed
  )
  if (heir !== undefined) {
    return new Halted({ detail: `${heir.run} has made ${heir.id} in its place; no other new key was made`, stop: null })
  }
  if (action === "recreate") return Effect.void
  const now = reading.listing.keys.find(({ id }) => id === old.id)
  if (now !== undefined && settingsDigest(now) === settingsDigest(old)) return Effect.void
  const change = now === undefined ? "gone" : now.active ? "changed" : "disabled"
  return new Halted({ detail: `the old key is ${change} since it was planned; no new key was made for it`, stop: null })
}

/** The settings of the old key, with what it has left: as it is now where it still lives. */
const wantedFor = (task: Replacing, old: ProxyKey): Effect.Effect<NewKey, Halted> => {
  const now = task.reading.listing.keys.find(({ id }) => id === old.id) ?? old
  const allocated = task.values.credit === "original" ? now.allocated : now.remaining
  return allocated === 0
    ? new Halted({ detail: "it has no credit left that a new key could be given", stop: null })
    : Effect.succeed({
        name: old.name,
        expiresAt: now.expiresAt,
        allocated,
        models: now.models,
        addresses: now.addresses
      })
}

/** Before anybody has its value: a key that was disabled never works for a moment. */
const switchOff = (task: Replacing, { id, secret }: Born) =>
  Effect.gen(function* () {
    const dialect = yield* dialectOf(task)
    const now = task.reading.listing.keys.find((key) => key.id === id)
    yield* (yield* KeyWriter).setActive(dialect, { id, secret }, { active: now?.active ?? true, want: false })
  })

/** A create cannot say it. The new key has this settings, and nobody uses it yet. */
const limit = (task: Replacing, { id, secret, wanted }: Born, limitType: "daily" | "weekly" | "monthly") =>
  Effect.flatMap(dialectOf(task), (dialect) =>
    Effect.flatMap(KeyWriter, (writer) => writer.update(dialect, { id, secret }, { ...wanted, limitType }))
  )

const deliver = (task: Replacing, name: string, { id, secret }: Born, making: Making) =>
  Effect.gen(function* () {
    const log = yield* Log
    const sinks = yield* Sinks
    const arrived: Array<string> = []
    for (const text of task.values.sinks) {
      const target = yield* Effect.mapError(
        Schema.decode(SinkText)(text),
        () => new Halted({ detail: `this version does not know the sink ${text}`, stop: null })
      )
      const written = sinkText(sinkFor(target, name))
      // A terminal forgets.
      if (making.delivered.has(written) && target.kind !== "terminal") {
        arrived.push(written)
        continue
      }
      const { note, proof, sink } = yield* sinks.deliver(target, { name, value: secret }).pipe(
        Effect.tapError(({ detail, sink }) =>
          log.append(ValueUndelivered.make({ key: id, sink, why: detail }), task.run)
        ),
        Effect.catchTag("SinkFailed", ({ arrived: whether, message }) => {
          const reached = arrived.length === 0 ? "no sink" : `only ${arrived.join(", ")}`
          const detail = `its value ${whether === "unknown" ? "may not have arrived" : "did not arrive"}: ${message}; it has reached ${reached}`
          return new Halted({ detail, stop: { outcome: "failed", detail } })
        })
      )
      yield* log.append(ValueDelivered.make({ key: id, sink, proof }), task.run)
      arrived.push(`${sink} (${note === undefined ? proof : `${proof}; ${note}`})`)
    }
    return arrived
  })

const validate = (task: Replacing, { id, secret, wanted }: Born) =>
  Effect.gen(function* () {
    const log = yield* Log
    const { message, valid } = yield* (yield* KeyCheck)
      .validate(secret)
      .pipe(Effect.catchTag("Unauthorized", ({ message }) => Effect.succeed({ valid: false, message })))
    // A key for other addresses than ours cannot be tried from here.
    if (!valid && wanted.addresses.length === 0) {
      const detail = `the upstream says that it does not work: ${message}`
      return yield* new Halted({ detail, stop: { outcome: "failed", detail } })
    }
    const detail = valid ? message : `it may be used from its own addresses only, not from here: ${message}`
    const { at } = yield* log.append(KeyValidated.make({ key: id, valid, detail }), task.run)
    return at
  })

/** An account without keys shows no dialect until it has one. */
export const dialectOf = (task: Pick<Replacing, "reading">) =>
  task.reading.dialect !== null
    ? Effect.succeed(task.reading.dialect)
    : Effect.flatMap(read, ({ dialect }) =>
        dialect === null
          ? new Halted({
              detail: "the server's dialect is not known",
              stop: { outcome: "failed", detail: "the server's dialect is not known" }
            })
          : Effect.succeed(dialect)
      )

export const haltedBy = (error: Halted | WriteError | ReadError | LogUnavailable): Halted => {
  switch (error._tag) {
    case "Halted":
      return error
    case "InvalidRequest":
      return new Halted({
        detail: error.message,
        stop: error.status === 402 ? { outcome: "failed", detail: error.message } : null
      })
    case "RunStopped":
      return new Halted({ detail: error.message, stop: error.stops === "call" ? null : stopOf(error) })
    case "Forbidden": {
      const detail = error.call === "create" ? `no further key can be made: ${error.message}` : error.message
      return new Halted({ detail, stop: error.call === "create" ? { outcome: "blocked", detail } : stopOf(error) })
    }
    default:
      return new Halted({ detail: error.message, stop: stopOf(error) })
  }
}

const orphaned = (halted: Halted, made: KeyId): Halted =>
  new Halted({
    detail: `${halted.detail}. The new key ${made} was made and works; the old key was not touched. Mend this and resume the run, or be rid of the new key: keysweep delete --key ${made}`,
    stop: halted.stop,
    made
  })
