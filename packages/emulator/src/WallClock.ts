import { Clock, DateTime } from "effect"

const live = Clock.make()

/** Unix milliseconds of the real clock, whatever clock a test has put in its place: sockets live in real time. */
export const liveMillis = (): number => live.unsafeCurrentTimeMillis()

/** RFC 3339 in UTC, with milliseconds. */
export const isoTime = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

/** As the header `Date` says it (RFC 9110). */
export const httpTime = (millis: number): string => DateTime.toDateUtc(DateTime.unsafeMake(millis)).toUTCString()

/** The emulator's clock: real time, and what `POST clock` added. */
export interface WallClock {
  readonly now: () => number
  readonly advance: (millis: number) => void
  readonly reset: () => void
}

export const makeWallClock = (): WallClock => {
  let ahead = 0
  return {
    now: () => liveMillis() + ahead,
    advance: (millis) => {
      ahead += millis
    },
    reset: () => {
      ahead = 0
    }
  }
}
