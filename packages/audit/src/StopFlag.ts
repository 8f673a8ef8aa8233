import type { CallIntent, RunStopped } from "@keysweep/core/Journal"
import type { LogRecord } from "./LogRecord.ts"

/** What may stop a run that is under way. */
export interface Heed {
  readonly plans: ReadonlyArray<string>
  /** The last record that the run was permitted on: what comes after it is news. */
  readonly seq: number
}

/** What was heard of holds and panics since a run was permitted. A hold that was lifted again stops nothing. */
export interface StopFlag {
  /** The last record that was heard. */
  readonly seq: number
  readonly after: (records: ReadonlyArray<LogRecord>) => StopFlag
  /** Why a call must not be sent; `null`: it may. */
  readonly stops: (intent: CallIntent) => Stop | null
}

export type Stop = Pick<RunStopped, "by" | "stops" | "detail">

export const heeding = ({ plans, seq }: Heed): StopFlag => flag(plans, seq, null, new Map())

const flag = (
  plans: ReadonlyArray<string>,
  seq: number,
  panic: string | null,
  /** By key, plan, or `null` for the whole account. */
  holds: ReadonlyMap<string | null, string>
): StopFlag => ({
  seq,
  after: (records) => {
    const now = new Map(holds)
    for (const { event } of records) {
      if (event._tag === "Held") now.set(event.key ?? event.plan, event.why)
      if (event._tag === "HoldLifted") now.delete(event.key ?? event.plan)
    }
    const begun = records.find(({ event }) => event._tag === "RunStarted" && event.panic === true)
    return flag(plans, records.at(-1)?.seq ?? seq, panic ?? begun?.run ?? null, now)
  },
  stops: ({ call, key, keys = [] }) => {
    if (panic !== null) {
      const detail = `a panic of the account has begun (${panic}); this run can be resumed when it is over`
      return { by: "panic", stops: "run", detail }
    }
    const whole = [null, ...plans].flatMap((it) => holds.get(it) ?? [])[0]
    // A create only says which keys were there before it.
    const touched = [...(call === "create" ? [] : keys), ...(key === undefined ? [] : [key])]
    const one = touched.find((id) => holds.has(id))
    const why = whole ?? (one === undefined ? undefined : holds.get(one))
    if (why === undefined) return null
    // A request for many keys cannot leave one out.
    const stops = whole === undefined && key !== undefined ? "call" : "run"
    return { by: "hold", stops, detail: `held: ${why}` }
  }
})
