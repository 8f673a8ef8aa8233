import { Args, Command } from "@effect/cli"
import { encodeEvidence } from "@keysweep/revocation/Evidence"
import { DateTime, Effect } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { evidenceText } from "../../render/EvidenceText.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"

const key = Args.text({ name: "KEY" }).pipe(
  Args.withDescription("its id (kf_…), the beginning of its id, or its whole name")
)

export const show = verb(
  {
    about: "Show all that is known of one key: settings, use, owner. Reads only.",
    examples: ["keysweep show staging", "keysweep show kf_2b7…"]
  },
  Command.make("show", { key, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const evidence = yield* withSweep(typed, (sweep) => sweep.show(typed.key))
      const { out } = yield* Output
      if (typed.json) yield* printDocument(encodeEvidence(evidence))
      else yield* print(evidenceText(evidence, yield* DateTime.now, out.style, yield* out.width))
    })
  )
)
