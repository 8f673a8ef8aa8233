import { Command } from "@effect/cli"
import { exitCodeOf } from "@keysweep/revocation/Outcome"
import { Effect } from "effect"
import { Ended } from "../../CliError.ts"
import { print, printDocument } from "../../Output.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

const next = [
  "",
  "Next:",
  "  keysweep emulator --seed demo   the same account to play with, on a port of its own",
  "  keysweep list                   your own account: set ELECTRONHUB_API_KEY first; this only reads",
  "  keysweep plan delete --help     how keys are chosen"
].join("\n")

export const demo = verb(
  {
    about: "Watch a careful clean-up from list to proof, on an emulator. Needs no account.",
    details: ["Nothing leaves this machine and nothing stays on it. Takes less than 20 seconds."],
    examples: ["keysweep demo"]
  },
  Command.make("demo", { json }, ({ json }) =>
    Effect.gen(function* () {
      // Loaded only here: the emulator is no part of ordinary work.
      const { demo } = yield* Effect.promise(() => import("../../demo/Demo.ts"))
      const { applied, checks } = yield* demo({ json })
      const proven = checks.every(({ holds }) => holds)
      const unfinished = applied === exitCodeOf("refused") ? "refused" : "failed"
      const outcome = proven && applied === 0 ? "done" : proven ? unfinished : "failed"
      if (json) yield* printDocument({ schema: "keysweep.demo/1", outcome, checks })
      else yield* print(next)
      if (outcome !== "done") return yield* new Ended({ outcome })
    })
  )
)
