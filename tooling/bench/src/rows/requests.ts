import { requestsFor } from "../Optimum.ts"
import { races } from "../PacedRace.ts"
import type { Row } from "../Row.ts"
import { caseName, clockNote } from "./timeToAct.ts"

export const requests: Row = {
  name: "requests",
  title: "Requests to delete N keys one by one, against N + 2",
  bar: { kind: "at most", ratio: 1 },
  how: "The same runs, counted by the emulator. The dialect is known.",
  run: async (options) => ({
    note: clockNote(options.timeScale),
    cases: (await races(options)).map((race) => {
      const wanted = requestsFor(race.keys)
      return {
        what: caseName(race),
        ours: String(race.requests),
        against: String(wanted),
        ratio: race.requests / wanted
      }
    })
  })
}
