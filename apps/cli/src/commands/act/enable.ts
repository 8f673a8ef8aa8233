import { Command } from "@effect/cli"
import { Effect } from "effect"
import { verb } from "../../Verb.ts"
import { grounds, groundsOf, json, reach } from "../options.ts"
import { selectorOf, selectors } from "../selectors.ts"
import { carryOut } from "./carry.ts"

export const enable = verb(
  {
    about: "Switch disabled keys on again.",
    examples: ["keysweep enable --key ci-main"]
  },
  Command.make("enable", { ...selectors, ...grounds, json, ...reach }, (typed) =>
    Effect.flatMap(selectorOf(typed), (selector) =>
      carryOut({ action: "enable", selector, ...groundsOf(typed) }, typed)
    )
  )
)
