import { Command, Options } from "@effect/cli"
import { type Observation, observe as watch } from "@keysweep/revocation/Observe"
import { Duration, Effect, Stream } from "effect"
import { UsageError } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { liveText, observationDocument, observationText } from "../../render/ObserveText.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"
import { durationOf } from "../selectors.ts"

const every = Options.text("every").pipe(
  Options.withPseudoName("TIME"),
  Options.withDescription("Read the list so often: one request each time. 30s without it."),
  Options.withDefault("30s")
)
const during = Options.text("for").pipe(
  Options.withPseudoName("TIME"),
  Options.withDescription("Stop after so long. 10m without it."),
  Options.withDefault("10m")
)

export const observe = verb(
  {
    about: "Watch for a while which keys are used. Reads only.",
    details: ["Says so when a key is seen to be used, and at the end how many were and were not."],
    examples: ["keysweep observe", "keysweep observe --every 1m --for 2h"]
  },
  Command.make("observe", { every, during, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const every = yield* durationOf("--every")(typed.every)
      const during = yield* durationOf("--for")(typed.during)
      if (Duration.toMillis(every) < 1000 || Duration.greaterThan(every, during)) {
        return yield* new UsageError({
          detail: "--every is at least 1s and no longer than --for: otherwise nothing is ever compared.",
          next: ["keysweep observe --every 30s --for 10m"]
        })
      }
      const { out } = yield* Output
      const seen = new Set<string>()
      const tell = (now: Observation) =>
        Effect.forEach(
          now.live.filter(({ id }) => !seen.has(id)),
          (live) => {
            seen.add(live.id)
            return typed.json ? Effect.void : print(liveText(live, now.at, out.style))
          },
          { discard: true }
        )
      const output = yield* Effect.context<Output>()
      const { last, readings } = yield* withSweep(typed, (sweep) =>
        watch(sweep.inventory, { every, during }).pipe(
          Stream.tap(tell),
          Stream.runFold(nothingYet, ({ readings }, last: Observation) => ({ last, readings: readings + 1 })),
          Effect.provide(output)
        )
      )
      if (last === null) {
        return yield* new UsageError({
          detail: "Nothing was compared: the time was too short.",
          next: ["keysweep observe --for 10m"]
        })
      }
      if (typed.json) yield* printDocument(observationDocument(last, readings + 1))
      else yield* print(observationText(last, readings + 1, out.style))
    })
  )
)

const nothingYet: { readonly last: Observation | null; readonly readings: number } = { last: null, readings: 0 }
