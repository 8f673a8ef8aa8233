import { Command } from "@effect/cli"
import { Effect, Option } from "effect"
import { home } from "../../Environment.ts"
import { Output } from "../../Output.ts"
import { masterKeyText, panicText } from "../../render/PanicText.ts"
import { wrap } from "../../render/Table.ts"
import { withSweep } from "../../Sweeping.ts"
import { askAt, missed } from "../../Terminal.ts"
import { isSeveral } from "../../Several.ts"
import { verb } from "../../Verb.ts"
import { grounds, json, reaches } from "../options.ts"
import { printReceipt } from "./carry.ts"

export const panic = verb(
  {
    about: "Bring every key of the account to a stop, the fastest way there is.",
    details: [
      "Shows both ways, disabling and deleting, with the time that each takes; the phrase that you type chooses one and confirms it. Protected keys are left alone. Where others use up the rate limit, the write goes before any reading, from the last inventory. It waits for no other run, no approval, and for a backup no longer than 5 seconds.",
      "Asks at a terminal only."
    ],
    examples: ["keysweep panic --reason 'master key leaked'"]
  },
  Command.make("panic", { reason: grounds.reason, json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      if (isSeveral(typed)) {
        const { panicOnEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        return yield* panicOnEach(typed, Option.getOrNull(typed.reason))
      }
      const { err } = yield* Output
      const folder = yield* home
      const width = yield* err.width
      const receipt = yield* withSweep({ ...typed, reserve: 0 }, (sweep) =>
        sweep.panic({
          reason: Option.getOrNull(typed.reason),
          home: folder,
          choose: (choices, { number, of }) =>
            askAt(
              err,
              number === 1 ? `${panicText(choices, err.style, width)}\n` : missed(number, of),
              "Type one of the two phrases to go on: "
            ),
          onTrouble: (file, detail) =>
            err.write(`! The log cannot be written (${detail}): what is done goes to ${file} instead.\n`)
        })
      )
      if (!typed.json) yield* err.write(`${wrap(masterKeyText, width).join("\n")}\n\n`)
      yield* printReceipt(receipt, typed.json)
    })
  )
)
