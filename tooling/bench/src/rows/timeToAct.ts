import { optimumMillis, requestsFor } from "../Optimum.ts"
import { type Race, races } from "../PacedRace.ts"
import { millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"

/** As the pacer has it when nobody says otherwise. */
const reserve = 1

export const timeToAct: Row = {
  name: "time-to-act",
  title: "Time to delete N keys one by one, against the sliding-window optimum",
  bar: { kind: "at most", ratio: 1.05 },
  how: "From the request to the proof, in a home that knows the account from another day, over HTTP to the emulator in a process of its own. The optimum is computed: N + 2 requests (reading, one a key, proof), of which any 60 s may hold the limit less the reserve of one; replies take no time in it. One answer of 429 fails the row.",
  run: async (options) => ({
    note: clockNote(options.timeScale),
    cases: (await races(options)).map((race) => {
      const limiter = { limit: race.rpm, reserve, windowMillis: 60_000 / options.timeScale }
      const optimum = optimumMillis(requestsFor(race.keys), limiter)
      return {
        what: caseName(race),
        ours: millis(race.sweep),
        against: millis(optimum),
        ratio: race.sweep / optimum,
        wrong: refusedText(race),
        scaled: options.timeScale !== 1
      }
    })
  })
}

export const caseName = ({ keys, rpm }: Race): string => `${rpm} requests per minute, ${keys} keys`

export const refusedText = ({ refused }: Race): string | undefined =>
  refused === 0 ? undefined : `${refused} answers of 429`

export const clockNote = (timeScale: number): string =>
  timeScale === 1
    ? "Unscaled: a window is 60 s, a cooldown 180 s. One run each."
    : `Scaled: clocks run ${timeScale} times faster, so what a request itself costs weighs ${timeScale} times more. A look, not a measurement.`
