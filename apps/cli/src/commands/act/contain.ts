import { Command } from "@effect/cli"
import { Effect } from "effect"
import { verb } from "../../Verb.ts"
import { narrowing, narrowingOf } from "../narrowing.ts"
import { grounds, groundsOf, json, reach } from "../options.ts"
import { selectorOf, selectors } from "../selectors.ts"
import { carryOut } from "./carry.ts"

export const contain = verb(
  {
    about: "Narrow what keys may do: from where, with which models, until when, for how much.",
    details: [
      "For a key that is being misused and that something still needs. Only narrower settings are taken: a key that would be given wider ones is refused, with the reason, and the others are done. keysweep undo RUN gives back what was taken.",
      "An update replaces every setting of a key, the limit type (daily, weekly, monthly) too, and the upstream does not show which one a key has: --limit-type says it. Keys with different limit types take one command each."
    ],
    examples: [
      "keysweep contain --key ci-main --addresses 10.20.0.0/16 --limit-type daily",
      "keysweep contain --name 'agency-*' --expires 7d --budget 5 --limit-type monthly --reason 'contract ends'"
    ]
  },
  Command.make("contain", { ...selectors, ...narrowing, ...grounds, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const selector = yield* selectorOf(typed)
      const narrow = yield* narrowingOf(typed)
      yield* carryOut({ action: "contain", selector, narrow, ...groundsOf(typed) }, typed)
    })
  )
)
