import { Schema } from "effect"
import { parseTarget } from "./Target.ts"

export const FaultKind = Schema.Literal(
  "status",
  "html",
  "delay",
  "hang",
  "truncate",
  "drop-before",
  "drop-after",
  "partial"
)
export type FaultKind = typeof FaultKind.Type

/** One thing that shall go wrong, for the requests that match. */
export const Fault = Schema.Struct({
  kind: FaultKind,
  match: Schema.optionalWith(
    Schema.Struct({
      /** Left out or `*`: every method. */
      method: Schema.optionalWith(Schema.String, { default: () => "*" }),
      /** Without query, with or without `/v1`; `*` stands for any characters. Left out: every path. */
      path: Schema.optionalWith(Schema.String, { default: () => "*" })
    }),
    { default: () => ({ method: "*", path: "*" }) }
  ),
  /** So many matching requests go through first; for `partial`: so many keys are deleted. */
  skip: Schema.optionalWith(Schema.NonNegativeInt, { default: () => 0 }),
  /** So many matching requests are hit, then the fault is spent. */
  times: Schema.optionalWith(Schema.Positive.pipe(Schema.int()), { default: () => 1 }),
  /** Milliseconds of a `delay`, in real time. */
  ms: Schema.optionalWith(Schema.NonNegative, { default: () => 1000 }),
  status: Schema.optional(Schema.Int.pipe(Schema.between(100, 599))),
  /** A text is sent as it is, anything else as JSON. */
  body: Schema.optional(Schema.Unknown)
})
export type Fault = typeof Fault.Type
export type FaultInput = typeof Fault.Encoded

export interface FaultQueue {
  /** Replaces what was waiting. */
  readonly set: (faults: ReadonlyArray<Fault>) => void
  /** The first fault that is due for this request; every fault that matches counts it. */
  readonly take: (method: string, target: string) => Fault | undefined
}

export const makeFaultQueue = (): FaultQueue => {
  let waiting: Array<{ readonly fault: Fault; seen: number; hits: number }> = []
  return {
    set: (faults) => {
      waiting = faults.map((fault) => ({ fault, seen: 0, hits: 0 }))
    },
    take: (method, target) => {
      const path = withoutPrefix(parseTarget(target).path)
      const matching = waiting.filter(({ fault }) => matches(fault, method, path))
      for (const entry of matching) entry.seen += 1
      const due = matching.find((entry) => entry.seen > skipped(entry.fault))
      if (due === undefined) return undefined
      due.hits += 1
      waiting = waiting.filter(({ fault, hits }) => hits < fault.times)
      return due.fault
    }
  }
}

const skipped = (fault: Fault): number => (fault.kind === "partial" ? 0 : fault.skip)

const matches = ({ match }: Fault, method: string, path: string): boolean =>
  (match.method === "*" || match.method.toUpperCase() === method) && fitsPath(match.path, path)

/** Whether a path fits a pattern in which `*` stands for any characters; `/v1` in front counts in neither. */
export const fitsPath = (pattern: string, path: string): boolean => {
  const [first = "", ...rest] = withoutPrefix(pattern).split("*")
  if (rest.length === 0) return first === path
  if (!path.startsWith(first)) return false
  const last = rest.pop() ?? ""
  let from = first.length
  for (const part of rest) {
    const at = path.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return path.length - last.length >= from && path.endsWith(last)
}

const withoutPrefix = (path: string): string => path.replace(/^\/v1(?=\/)/, "")
