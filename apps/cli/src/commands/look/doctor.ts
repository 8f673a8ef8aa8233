import { Command } from "@effect/cli"
import { Effect } from "effect"
import { Ended } from "../../CliError.ts"
import { examine } from "../../doctor/Doctor.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { doctorText } from "../../render/DoctorText.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"

export const doctor = verb(
  {
    about: "Check everything that a run would need. Reads only.",
    details: [
      "Program, folders and their modes, settings, kind of key, dialect, rate limit, clock, log, newest backup, unfinished runs. The first check that fails decides the exit code: 2 settings or variables, 5 credentials, 6 limit, 7 log or backups."
    ],
    examples: ["keysweep doctor", "keysweep doctor --json"]
  },
  Command.make("doctor", { account: reach.account, json }, (typed) =>
    Effect.gen(function* () {
      const found = yield* examine(typed.account)
      const checks = found.map(({ check, detail, next, result }) => ({ check, result, detail, next }))
      const { out } = yield* Output
      if (typed.json) yield* printDocument({ schema: "keysweep.doctor/1", checks })
      else yield* print(doctorText(checks, out.style, yield* out.width))
      const worst = found.find(({ result }) => result === "fail")
      if (worst !== undefined) return yield* new Ended({ outcome: worst.outcome })
    })
  )
)
