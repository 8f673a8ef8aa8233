import { Command, Options } from "@effect/cli"
import { type DueReport, encodeDueReport } from "@keysweep/revocation/DueReport"
import { oneLine } from "@keysweep/core/SafeText"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect, Either } from "effect"
import { Ended, UsageError } from "../../CliError.ts"
import { Deeds } from "../../Deeds.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { dueText } from "../../render/DueText.ts"
import { isSeveral } from "../../Several.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reaches } from "../options.ts"

const watch = Options.boolean("watch").pipe(
  Options.withDescription("Go on until it is interrupted: act when a soak ends, look every 15 minutes.")
)

export const runDue = verb(
  {
    about: "Delete the keys whose soak is over, and watch those that soak.",
    details: [
      "Goes by the log alone, so it may be called as often as one likes, late, twice at once, or from another machine that shares the log. What was confirmed and approved then holds; holds, protection, settings and use are judged now. A key that somebody is seen to miss is not deleted.",
      "Without a soaking key nothing is sent."
    ],
    examples: [
      "keysweep run-due",
      "keysweep run-due --all-accounts",
      "keysweep run-due --watch",
      "17 * * * *  keysweep run-due --quiet   (in a crontab)"
    ]
  },
  Command.make("run-due", { watch, json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      if (isSeveral(typed)) {
        if (typed.watch) return yield* watchesOne
        const { onEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        return yield* onEach(typed, typed.json ? "json" : "table", (reach, style, width) =>
          Effect.map(
            withSweep(reach, (sweep) => sweep.runDue),
            (report) => ({
              outcome: report.outcome,
              document: encodeDueReport(report),
              text: dueText(report, style, width)
            })
          )
        )
      }
      const say = (report: DueReport) => printReport(report, typed.json)
      if (!typed.watch) {
        const report = yield* withSweep(typed, (sweep) => sweep.runDue)
        yield* say(report)
        if (report.outcome !== "done" && report.outcome !== "nothing") {
          return yield* new Ended({ outcome: report.outcome })
        }
        return
      }
      const output = yield* Effect.context<Output>()
      const { err } = yield* Output
      const { settled } = yield* Deeds
      const tell = Either.match({
        onLeft: (error: SweepError) =>
          typed.quiet ? Effect.void : err.write(`${oneLine(error.message, 400)} It is tried again.\n`),
        onRight: (report: DueReport) =>
          report.outcome === "nothing" ? Effect.void : Effect.zipRight(Effect.provide(say(report), output), settled)
      })
      return yield* withSweep(typed, (sweep) => sweep.watchDue(tell))
    })
  )
)

const watchesOne = new UsageError({
  detail: "--watch watches one account: start one for each, or call run-due for all of them now and then.",
  next: ["17 * * * *  keysweep run-due --all-accounts --quiet   (in a crontab)"]
})

const printReport = (report: DueReport, json: boolean) =>
  json
    ? printDocument(encodeDueReport(report))
    : Effect.flatMap(Output, ({ out }) =>
        Effect.flatMap(out.width, (width) => print(dueText(report, out.style, width)))
      )
