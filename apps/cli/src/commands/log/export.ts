import { Command, Options } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { Chunk, Effect, Option, Stream } from "effect"
import { writeFile } from "node:fs/promises"
import { withBooks } from "../../Books.ts"
import { UsageError } from "../../CliError.ts"
import { errorCode } from "../../ErrorCode.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord } from "../../PlanFile.ts"
import { counted } from "../../render/Words.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const out = Options.text("out").pipe(
  Options.withAlias("o"),
  Options.withPseudoName("FILE"),
  Options.withDescription("Write it here, and never over another file; otherwise to standard output."),
  Options.optional
)

export const logExport = verb(
  {
    about: "Export the log as one file that anybody can verify, offline and on another machine.",
    details: ["Only what is signed is in it. It holds names and settings of keys, and no secret."],
    examples: ["keysweep log export --out log.bundle", "keysweep log verify --bundle log.bundle"]
  },
  Command.make("export", { account, out, json }, (typed) =>
    Effect.gen(function* () {
      if (typed.json && Option.isNone(typed.out)) {
        return yield* new UsageError({
          detail: "The export is a document of its own: with --json it needs a file.",
          next: ["keysweep log export --out FILE --json"]
        })
      }
      const { account, anchor, lines } = yield* withBooks(typed.account, (account) =>
        Effect.gen(function* () {
          const log = yield* Log
          const lines = Chunk.toReadonlyArray(yield* Stream.runCollect(log.bundle))
          return { account, anchor: yield* log.anchor, lines }
        })
      )
      if (Option.isNone(typed.out)) {
        const { out } = yield* Output
        return yield* out.verbatim(lines.join(""))
      }
      const file = typed.out.value
      yield* Effect.tryPromise({
        try: () => writeFile(file, lines.join(""), { flag: "wx", mode: 0o600 }),
        catch: (cause) =>
          new UsageError({
            detail: `The log cannot be exported to ${file} (${errorCode(cause)}).`,
            next: ["Name another file: --out FILE. An existing file is never overwritten."]
          })
      })
      yield* Effect.logDebug(`wrote ${file}`)
      const records = lines.length - 1
      if (typed.json) return yield* printDocument({ schema: "keysweep.log-export/1", account, file, records, anchor })
      yield* print(
        `${counted(records, "record")} of ${account} exported to ${fileWord(file)}.\n  Anchor: ${anchor ?? "none"}\n  Next:   keysweep log verify --bundle ${fileWord(file)}`
      )
    })
  )
)
