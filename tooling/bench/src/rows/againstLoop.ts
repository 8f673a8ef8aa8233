import { races } from "../PacedRace.ts"
import { millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { caseName, clockNote, refusedText } from "./timeToAct.ts"

export const againstLoop: Row = {
  name: "against-loop",
  title: "How many times faster than a loop that waits out each cooldown",
  bar: { kind: "at least", ratio: 2 },
  how: "The same runs. The loop sends one request after the other, as the vendor's pages show it, and after a 429 waits 180 s before it goes on. It runs at the same time on an emulator of its own, writes nothing down and proves nothing.",
  run: async (options) => ({
    note: clockNote(options.timeScale),
    cases: (await races(options)).map((race) => ({
      what: caseName(race),
      ours: millis(race.sweep),
      against: millis(race.loop),
      ratio: race.loop / race.sweep,
      wrong: refusedText(race),
      scaled: options.timeScale !== 1
    }))
  })
}
