import { Command, Options } from "@effect/cli"
import { oneLine } from "@keysweep/core/SafeText"
import { encodeRegenerated, type Regenerated } from "@keysweep/revocation/masterkey/Regenerated"
import { type Proposal, regenerate } from "@keysweep/revocation/masterkey/Regeneration"
import { type NewValue } from "@keysweep/revocation/sinks/Sinks"
import { SinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { Effect, Either, Option, Redacted, Schema } from "effect"
import { Ended, UsageError } from "../../CliError.ts"
import { Output, print, printDocument, type Sink } from "../../Output.ts"
import { incidentText } from "../../render/IncidentText.ts"
import type { Style } from "../../render/Style.ts"
import { counted } from "../../render/Words.ts"
import { askAt, missed } from "../../Terminal.ts"
import { verb } from "../../Verb.ts"
import { grounds, json, reach } from "../options.ts"

const sink = Options.text("sink").pipe(
  Options.withPseudoName("SINK"),
  Options.withDescription(
    'Where the new key goes: dotenv:FILE#VARIABLE, github:OWNER/REPO#SECRET, age:FILE#RECIPIENT, command:["PROGRAM"], or terminal (with --reveal). May be repeated; at least one.'
  ),
  Options.repeated
)

const reveal = Options.boolean("reveal").pipe(
  Options.withDescription("Allow the sink terminal: the key is shown once.")
)

export const masterKeyRegenerate = verb(
  {
    about: "Replace the account's master key. The old one is dead at once; proxy keys are not touched.",
    details: [
      "The vendor makes one new master key an hour, and shows it in one answer. The sinks are checked first, you type a phrase, and the new key is in the sinks before anything else happens. Then one request with each key shows that the new one works and the old one does not.",
      "Asks at a terminal only. A value that reached none of its sinks is shown there: nobody could ever read it again."
    ],
    examples: [
      "keysweep master-key regenerate --sink dotenv:.env#ELECTRONHUB_API_KEY --reason 'it was in a log'",
      "keysweep master-key regenerate --sink github:acme/deploy#ELECTRONHUB_API_KEY --sink age:key.age#age1…"
    ]
  },
  Command.make("regenerate", { sink, reveal, reason: grounds.reason, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const { err, out } = yield* Output
      const sinks = yield* Either.all(typed.sink.map(sinkOf))
      const { withParts } = yield* Effect.promise(() => import("../../SweepLayer.ts"))
      const document = yield* withParts(
        typed,
        regenerate({
          reason: Option.getOrNull(typed.reason),
          sinks,
          confirm: (proposal, { number, of }) =>
            askAt(
              err,
              number === 1 ? `${proposalText(proposal, err.style)}\n\n` : missed(number, of),
              `Type ${err.style.bold(proposal.phrase)} to go on: `
            ),
          lastResort: (it) =>
            shown(err, "It reached none of its sinks, and is shown here because nobody can read it again", it)
        }),
        typed.reveal && err.isTerminal ? (it) => shown(err, "The new master key", it) : undefined
      )
      if (typed.json) yield* printDocument(encodeRegenerated(document))
      else yield* print(documentText(document, out.style))
      if (document.outcome !== "done") return yield* new Ended({ outcome: document.outcome })
    })
  )
)

const sinkOf = (text: string) =>
  Either.mapLeft(
    Schema.decodeUnknownEither(SinkText)(text),
    () =>
      new UsageError({
        detail: `"${oneLine(text, 80)}" is no sink.`,
        next: ['dotenv:FILE#VARIABLE, github:OWNER/REPO#SECRET, age:FILE#age1…, command:["PROGRAM"] or terminal']
      })
  )

const shown = (err: Sink, what: string, { name, value }: NewValue): Effect.Effect<void> =>
  err.write(`\n${what}:\n  ${name}=${Redacted.value(value)}\n\n`)

const proposalText = ({ account, keys, sinks }: Proposal, style: Style): string =>
  [
    style.bold(`Replace the master key of ${account}.`),
    "The old one is dead at once: whatever uses it (this shell, workflows, the bot) stops until it has the new one.",
    `Its ${counted(keys, "proxy key")} go on working: whoever knows one can still use it.`,
    "The new key goes to:",
    ...sinks.map((it) => `  ${oneLine(it, 200)}`)
  ].join("\n")

const documentText = (document: Regenerated, style: Style): string =>
  [
    document.outcome === "done"
      ? `${style.green("✓")} The master key of ${document.account} is replaced: the new one works, and the old one does not.`
      : `${style.red("✗")} ${document.outcome}: ${oneLine(document.detail ?? "", 600)}`,
    ...document.sinks.map(({ detail, result, sink }) =>
      result === "failed"
        ? `  ${style.red("✗")} ${oneLine(sink, 200)}: ${oneLine(detail, 200)}`
        : `  ${style.green("✓")} ${oneLine(sink, 200)} (${oneLine(detail === "" ? result : `${result}; ${detail}`, 400)})`
    ),
    ...(document.incident === null ? [] : ["", incidentText(document.incident)]),
    "",
    `Run:    ${document.run}`,
    `Anchor: ${document.anchor ?? "none"}`,
    ...(document.outcome === "done" ? ["Next:   put the new key where keysweep gets it: ELECTRONHUB_API_KEY."] : [])
  ].join("\n")
