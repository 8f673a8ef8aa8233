import { Command } from "@effect/cli"
import { Effect } from "effect"
import { isSeveral } from "../../Several.ts"
import { verb } from "../../Verb.ts"
import { askedOf, leakOptions } from "../leaked.ts"
import { grounds, groundsOf, json, reaches } from "../options.ts"
import { selectors } from "../selectors.ts"
import { soak, soakOf } from "../soak.ts"
import { carryOut } from "./carry.ts"

export const disable = verb(
  {
    about: "Switch keys off. They can be enabled again.",
    details: [
      "With --then-delete they soak: they stay disabled, keysweep run-due watches whether somebody misses one, and deletes the others for good when their time has come. That asks for the words of a deletion now. keysweep undo ends it."
    ],
    examples: [
      "keysweep disable --key kf_2b7…",
      "keysweep disable --name 'contractor-*' --reason 'contract ended'",
      "keysweep disable --idle 90d --then-delete --after 14d --reason 'clean-up'",
      "keysweep disable --leaked",
      "keysweep disable --leaked-from trufflehog.jsonl"
    ]
  },
  Command.make("disable", { ...selectors, ...leakOptions, ...soak, ...grounds, json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      const thenDelete = yield* soakOf(typed)
      const asked = yield* askedOf("disable", typed)
      const request = { action: "disable" as const, ...asked, ...thenDelete, ...groundsOf(typed) }
      if (!isSeveral(typed)) return yield* carryOut(request, typed)
      const { carryOutOnEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
      yield* carryOutOnEach(typed, request)
    })
  )
)
