import { Command } from "@effect/cli"
import { verb } from "../../Verb.ts"
import { grounds, groundsOf, json, reach } from "../options.ts"
import { carryOut } from "./carry.ts"

export const deleteAll = verb(
  {
    about: "Delete every key of the account for good, after a typed confirmation.",
    details: [
      "Everything that uses one of the account's keys stops at once. A key that somebody creates between the last reading and the request dies too: the upstream deletes all keys in one request.",
      "To be able to go back, disable first: keysweep disable --all."
    ],
    examples: ["keysweep delete-all --reason 'account closed'", "keysweep plan delete-all"]
  },
  Command.make("delete-all", { ...grounds, json, ...reach }, (typed) =>
    carryOut({ action: "delete-all", ...groundsOf(typed) }, typed)
  )
)
