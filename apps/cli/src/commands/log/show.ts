import { Command, Options } from "@effect/cli"
import { joinTimeline, openBundle } from "@keysweep/audit/Bundle"
import { Log } from "@keysweep/audit/Log"
import type { AccountId } from "@keysweep/core/Account"
import { Chunk, Effect, Either, Option, Stream } from "effect"
import { withBooks } from "../../Books.ts"
import { readBundle } from "../../BundleFile.ts"
import { Ended, UsageError } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { logDocument, logText } from "../../render/LogText.ts"
import { timelineDocument, timelineText } from "../../render/TimelineText.ts"
import { trustedSigners } from "../../SettingsFile.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const others = Options.text("with").pipe(
  Options.withPseudoName("BUNDLE"),
  Options.withDescription("Together with this exported log, by time. May be repeated."),
  Options.repeated
)

export const logShow = verb(
  {
    about: "Show what was done on this account, oldest first.",
    details: [
      "With exported logs of other machines it is one timeline of all of them; each is verified, against the signers that the settings name if they name any, and what it covers is said."
    ],
    examples: [
      "keysweep log show",
      "keysweep log show --json",
      "keysweep log show --with ci.bundle --with slack.bundle"
    ]
  },
  Command.make("show", { account, with: others, json }, (typed) =>
    typed.with.length === 0 ? showOwn(typed) : showTogether(typed)
  )
)

const showOwn = (typed: { readonly account: Option.Option<string>; readonly json: boolean }) =>
  Effect.gen(function* () {
    const { account, records } = yield* withBooks(typed.account, (account) =>
      Effect.map(
        Effect.flatMap(Log, (log) => log.records),
        (records) => ({ account, records })
      )
    )
    const { out } = yield* Output
    if (typed.json) yield* printDocument(logDocument(account, records))
    else
      yield* print(
        records.length === 0 ? `Nothing was done on ${account} yet.` : logText(records, out.style, yield* out.width)
      )
  })

const showTogether = (typed: {
  readonly account: Option.Option<string>
  readonly with: ReadonlyArray<string>
  readonly json: boolean
}) =>
  Effect.gen(function* () {
    const trusted = yield* trustedSigners
    const bundles = yield* Effect.forEach(typed.with, (source) =>
      Effect.map(readBundle(source, { trusted }), (bundle) => ({ source, bundle }))
    )
    const own = yield* withBooks(typed.account, ownBundle)
    const timeline = joinTimeline([{ source: "here", bundle: own }, ...bundles])
    const { out } = yield* Output
    if (typed.json) yield* printDocument(timelineDocument(timeline))
    else yield* print(timelineText(timeline, out.style, yield* out.width))
    if (timeline.coverage.some(({ flaw }) => flaw !== null)) return yield* new Ended({ outcome: "records" })
  })

/** The log of this home in the form of the others. */
const ownBundle = (account: AccountId) =>
  Effect.gen(function* () {
    const log = yield* Log
    const text = Chunk.join(yield* Stream.runCollect(log.bundle), "")
    return yield* Either.mapLeft(
      openBundle(Buffer.from(text)),
      (reason) =>
        new UsageError({ detail: `The log of ${account} cannot be read: ${reason}.`, next: ["keysweep log verify"] })
    )
  })
