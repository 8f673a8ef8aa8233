import { Command, Options } from "@effect/cli"
import type { Verification } from "@keysweep/audit/Chain"
import { Log } from "@keysweep/audit/Log"
import { Effect, Option } from "effect"
import { withBooks } from "../../Books.ts"
import { readBundle } from "../../BundleFile.ts"
import { Ended } from "../../CliError.ts"
import type { GivenAccount } from "../../GivenAccount.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { verificationText } from "../../render/LogText.ts"
import type { Failure } from "../../Report.ts"
import { trustedSigners } from "../../SettingsFile.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const anchor = Options.text("anchor").pipe(
  Options.withPseudoName("SEQ:HASH"),
  Options.withDescription("An anchor from a receipt: finds a log that was put back to an older state."),
  Options.optional
)
const bundle = Options.text("bundle").pipe(
  Options.withPseudoName("FILE"),
  Options.withDescription("An exported log instead of the one here. Needs nothing but the file."),
  Options.optional
)

export const logVerify = verb(
  {
    about: "Check the log from its first record to its signed last. Changes nothing.",
    examples: [
      "keysweep log verify",
      "keysweep log verify --anchor 42:9f8e…",
      "keysweep log verify --bundle log.bundle --anchor 42:9f8e…"
    ]
  },
  Command.make("verify", { account, anchor, bundle, json }, (typed) =>
    Effect.gen(function* () {
      const anchor = Option.getOrUndefined(typed.anchor)
      const { account, verification } = yield* Option.match(typed.bundle, {
        onNone: () => here(typed.account, anchor),
        onSome: (file) =>
          trustedSigners.pipe(
            Effect.flatMap((trusted) => readBundle(file, { anchor, trusted })),
            Effect.map(({ header, verification }) => ({ account: header.account, verification }))
          )
      })
      const { out } = yield* Output
      if (typed.json) yield* printDocument({ schema: "keysweep.log-verification/1", account, ...verification })
      else yield* print(verificationText(verification, account, out.style))
      if (!verification.ok) return yield* new Ended({ outcome: "records" })
    })
  )
)

const here = (
  named: Option.Option<string>,
  anchor: string | undefined
): Effect.Effect<{ readonly account: string; readonly verification: Verification }, Failure, GivenAccount> =>
  withBooks(named, (account) =>
    Effect.map(
      Effect.flatMap(Log, (log) => log.verify(anchor)),
      (verification) => ({ account, verification })
    )
  )
