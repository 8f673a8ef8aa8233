import { isoTime } from "./WallClock.ts"

/** One request as `GET requests` shows it. */
export interface Recorded {
  /** RFC 3339, with milliseconds. */
  readonly at: string
  readonly method: string
  /** The request target exactly as it came. */
  readonly path: string
  /** `null`: nothing was answered (yet). */
  status: number | null
}

export interface RequestLog {
  readonly arrived: (method: string, path: string, nowMillis: number) => Recorded
  readonly all: () => ReadonlyArray<Recorded>
  readonly clear: () => void
}

/** More than that are forgotten, the oldest first. */
const kept = 200_000

export const makeRequestLog = (): RequestLog => {
  let entries: Array<Recorded> = []
  return {
    arrived: (method, path, nowMillis) => {
      const entry: Recorded = { at: isoTime(nowMillis), method, path, status: null }
      entries.push(entry)
      if (entries.length > kept * 1.1) entries = entries.slice(-kept)
      return entry
    },
    all: () => entries,
    clear: () => {
      entries = []
    }
  }
}
