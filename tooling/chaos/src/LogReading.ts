import type { CallIntent, CallOutcome } from "@keysweep/core/Journal"
import type { NewSettings } from "@keysweep/core/KeySettings"
import type { KeyId } from "@keysweep/core/ProxyKey"
import type { Scene } from "./Scene.ts"

/** One intent of the log, and how its call ended if the log says so. */
export interface Intent {
  readonly seq: number
  readonly at: number
  readonly run: string
  readonly call: CallIntent["call"]
  /** create: the key that is replaced. */
  readonly keys: ReadonlyArray<KeyId>
  /** create: what the new key is made with. */
  readonly wanted: CallIntent["made"] | null
  /** The last word of the log; `null`: it has none. */
  readonly outcome: CallOutcome["result"] | null
}

export interface Run {
  readonly id: string
  readonly plan: string
  readonly action: string
  /** What it began with, and what the resume of a panic found besides. */
  readonly planned: ReadonlyArray<KeyId>
  /** The settings that keys were to have. */
  readonly becomes: ReadonlyMap<KeyId, NewSettings>
  /** The keys that it made, by the key that each replaces. */
  readonly made: ReadonlyMap<KeyId, KeyId>
  /** How it ended, the last time it did. */
  readonly finished: {
    readonly seq: number
    readonly at: number
    readonly outcome: string
    readonly keys: ReadonlyArray<{ readonly id: KeyId; readonly outcome: string }>
  } | null
}

/** The log read on its own terms: by a walk over its records, not by the projection that the product goes by. */
export const runsOf = ({ records }: Scene): ReadonlyArray<Run> =>
  records.flatMap(({ event, run }) => {
    if (event._tag !== "RunStarted" || run === null) return []
    const last = records.findLast((record) => record.run === run && record.event._tag === "RunFinished")
    const finished =
      last?.event._tag === "RunFinished"
        ? { seq: last.seq, at: last.at.epochMillis, outcome: last.event.outcome, keys: last.event.keys }
        : null
    const keys = records.flatMap((record) =>
      record.run === run && record.event._tag === "KeyPlanned" ? [record.event] : []
    )
    const becomes = new Map(keys.flatMap((it) => (it.becomes === undefined ? [] : [[it.key.id, it.becomes] as const])))
    const planned = [...new Set([...event.keys, ...(event.panic === true ? keys.map((it) => it.key.id) : [])])]
    const made = new Map(
      records.flatMap((record) =>
        record.run === run && record.event._tag === "KeyCreated" && record.event.old !== null
          ? [[record.event.old, record.event.new] as const]
          : []
      )
    )
    return [{ id: run, plan: event.plan, action: event.action, planned, becomes, made, finished }]
  })

export const intentsOf = ({ records }: Scene): ReadonlyArray<Intent> =>
  records.flatMap(({ at, event, run, seq }) => {
    if (event._tag !== "CallIntended") return []
    const { call, key, keys, made } = event.intent
    const settled = records.findLast((record) => record.event._tag === "CallSettled" && record.event.id === event.id)
    return [
      {
        seq,
        at: at.epochMillis,
        run: run ?? "no run",
        call,
        keys: key === undefined ? (keys ?? []) : [key],
        wanted: made ?? null,
        outcome: settled?.event._tag === "CallSettled" ? settled.event.outcome.result : null
      }
    ]
  })

/** The keys that a run may act on: those of its plan, and those that it has made. */
export const reachOf = ({ made, planned }: Run): ReadonlySet<KeyId> => new Set([...planned, ...made.values()])

/** Keys that somebody else did something to, whatever came of it. */
export const touchedBySomebody = ({ requests }: Scene): ReadonlySet<KeyId> =>
  new Set(requests.flatMap(({ by, key }) => (by === "somebody" && key !== null ? [key] : [])))
