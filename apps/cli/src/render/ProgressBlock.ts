import { oneLine } from "@keysweep/core/SafeText"
import { doingOf } from "@keysweep/revocation/Action"
import type { ProgressEvent, Step } from "@keysweep/revocation/Progress"
import type { Style } from "./Style.ts"
import { type Cell, type Column, table, truncate } from "./Table.ts"
import { widthOf } from "./Width.ts"
import { counted, duration, listed } from "./Words.ts"

/** What is known of a run while it goes on; times are those of the clock, in milliseconds. */
export interface Seen {
  readonly phase: string
  readonly action: Parameters<typeof doingOf>[0] | undefined
  readonly count: number
  readonly total: number
  /** In the order of their turn, with what became of each so far; `""`: nothing yet. */
  readonly keys: ReadonlyMap<string, { readonly name: string; readonly detail: string }>
  readonly atOnce: number
  /** The name of the key that was answered last. */
  readonly key: string
  /** When the last key's request may go. */
  readonly endsAt: number | undefined
  readonly waiting: { readonly reason: keyof typeof waits; readonly until: number } | undefined
  /** Somebody wants it to end. */
  readonly stopping: boolean
}

export const nothingYet: Seen = {
  phase: "",
  action: undefined,
  count: 0,
  total: 0,
  keys: new Map(),
  atOnce: 1,
  key: "",
  endsAt: undefined,
  waiting: undefined,
  stopping: false
}

export const seenAfter = (before: Seen, event: ProgressEvent, now: number): Seen => {
  switch (event._tag) {
    case "Phase":
      return { ...before, phase: event.phase, waiting: undefined }
    case "Started":
      return {
        ...before,
        action: event.action,
        count: 0,
        total: event.total,
        keys: new Map(event.keys.map(({ id, name }) => [id, { name, detail: "" }] as const)),
        atOnce: event.atOnce,
        endsAt: now + event.estimateMillis
      }
    case "Step":
      return {
        ...before,
        keys: new Map(before.keys).set(event.id, { name: event.name, detail: event.step }),
        key: event.name
      }
    case "Key":
      return {
        ...before,
        count: event.count,
        total: event.total,
        keys: new Map(before.keys).set(event.id, { name: event.name, detail: event.detail }),
        key: event.name,
        endsAt: now + event.leftMillis
      }
    case "Waiting":
      return { ...before, waiting: { reason: event.reason, until: now + event.millis } }
  }
}

export const stoppingText =
  "Stopping: requests under way are finished and recorded first. Ctrl-C again ends at once; keysweep resume settles the rest."

/** The whole of it on one line, where nothing can be drawn over. */
export const progressSentence = (seen: Seen, now: number): string => {
  const wait = waitText(seen, now)
  return [
    headline(seen),
    ...(isActing(seen) && seen.key !== "" ? [oneLine(seen.key, 40)] : []),
    ...(wait === "" ? [] : [wait]),
    ...timeLeft(seen, now)
  ].join(" · ")
}

/** The same as a small table: what goes on, what it waits for, and the keys, at most `height` lines of `width` columns. */
export const progressBlock = (
  seen: Seen,
  now: number,
  style: Style,
  { height, width }: { readonly height: number; readonly width: number }
): ReadonlyArray<string> => {
  const wait = waitText(seen, now)
  // Before the first phase nothing is under way but a reading.
  if (seen.phase === "" && wait === "") return []
  const line = (text: string, paint: (text: string) => string) => (text === "" ? [] : [paint(truncate(text, width))])
  const head = [
    ...line([headline(seen), ...timeLeft(seen, now)].join(" · "), style.bold),
    ...line(wait, style.yellow),
    ...line(seen.stopping && isActing(seen) ? stoppingText : "", style.yellow)
  ]
  const turn = wait === "" ? "under way" : "next"
  return [...head, ...(isActing(seen) ? keyLines(seen, turn, style, height - head.length, width) : [])]
}

const columns: ReadonlyArray<Column> = [
  { title: "" },
  { title: "", shrinksTo: 8 },
  { title: "" },
  { title: "", drop: 1 }
]

/** A terminal on which not even a short name and a state fit beside one another. */
const narrowest = 30

const keyLines = (seen: Seen, turn: string, style: Style, height: number, width: number): ReadonlyArray<string> => {
  const all = [...seen.keys]
  if (width < narrowest || height < 2 || all.length === 0) return []
  const open = all.flatMap(([id, { detail }]) => (detail === "" || isUnderWay(detail) ? [id] : []))
  const underWay = new Set(open.slice(0, seen.atOnce))
  const first = all.findIndex(([id]) => underWay.has(id))
  const room = all.length > height ? height - 1 : height
  // What was answered last stays in sight above what is under way.
  const from = Math.max(
    0,
    Math.min((first === -1 ? all.length : first) - Math.floor((room - seen.atOnce) / 2), all.length - room)
  )
  const shown = all.slice(from, from + room)
  const row = (id: string, name: string, state: string): ReadonlyArray<Cell> => {
    const { mark, paint, text } = stateOf(state, style)
    return [{ text: mark, paint }, { text: oneLine(name, 40) }, { text, paint }, { text: id, paint: style.dim }]
  }
  // The widest name stands in every table, unseen, so that the columns do not jump as the keys go by.
  const names = all.map(([, { name }]) => name)
  const widest = names.reduce((a, b) => (widthOf(b) > widthOf(a) ? b : a), "")
  const rows = shown.map(([id, { name, detail }]) => row(id, name, detail === "" && underWay.has(id) ? turn : detail))
  const lines = table(columns, [row("", widest, "under way"), ...rows], width, style.bold)
    .split("\n")
    .slice(2)
  if (all.length <= height) return lines
  const rest = [...all.slice(0, from), ...all.slice(from + room)].map(([, { detail }]) => stateOf(detail, style).text)
  const counts = [...new Set(rest)].map((text) => `${rest.filter((it) => it === text).length} ${text}`)
  return [...lines, style.dim(truncate(`  and ${counted(rest.length, "other")}: ${listed(counts)}`, width))]
}

const isUnderWay = (detail: string): boolean => steps.some((step) => step === detail)
const steps: ReadonlyArray<Step> = ["creating", "delivering", "validating", "disabling"]

/** What became of a key's request. What an upstream accepts is done only when a reading has proven it. */
const stateOf = (detail: string, style: Style) => {
  switch (detail) {
    case "":
      return { mark: " ", text: "waiting", paint: style.dim }
    case "under way":
    case "next":
    case "creating":
    case "delivering":
    case "validating":
    case "disabling":
      return { mark: "›", text: detail, paint: style.cyan }
    case "sent":
      return { mark: "✓", text: "accepted", paint: style.green }
    case "made":
      return { mark: "✓", text: "made", paint: style.green }
    case "disabled":
      return { mark: "✓", text: "old one disabled", paint: style.green }
    case "left":
      return { mark: "✗", text: "old one left as it was", paint: style.red }
    case "gone":
    case "absent":
      return { mark: "✓", text: "already gone", paint: style.green }
    case "doubt":
      return { mark: "?", text: "no clear answer", paint: style.yellow }
    default:
      return { mark: "✗", text: detail, paint: style.red }
  }
}

/** Requests that change something are being sent. */
export const isActing = ({ phase, total }: Seen): boolean => phase === "acting" && total > 0

const headline = (seen: Seen): string => {
  const { action, count, phase, total } = seen
  if (isActing(seen)) return `${action === undefined ? "Working" : doingOf(action)} ${count}/${total}`
  return phases[phase === "" ? "reading" : phase] ?? phase
}

const timeLeft = (seen: Seen, now: number): ReadonlyArray<string> =>
  isActing(seen) && seen.endsAt !== undefined && seen.endsAt > now ? [`about ${duration(seen.endsAt - now)} left`] : []

const waitText = ({ waiting }: Seen, now: number): string =>
  waiting === undefined || waiting.until <= now ? "" : waits[waiting.reason](duration(waiting.until - now))

const waits = {
  window: (wait: string) => `waiting ${wait} for the rate limit's next free slot`,
  cooldown: (wait: string) => `cooldown: the account is locked by its rate limit for another ${wait}`,
  overlap: (wait: string) => `old and new keys both work for another ${wait}`
}

const phases: { readonly [phase: string]: string } = {
  reading: "Reading the account's keys",
  "backing up": "Backing up the settings",
  acting: "Working",
  proving: "Reading again, to prove the result"
}
