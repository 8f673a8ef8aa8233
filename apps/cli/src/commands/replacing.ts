import { Options } from "@effect/cli"
import { LimitType } from "@keysweep/core/KeySettings"
import { oneLine } from "@keysweep/core/SafeText"
import type { ReplaceRequest } from "@keysweep/revocation/replace/ReplacePlan"
import type { Source } from "@keysweep/revocation/replace/Source"
import { SinkText, type SinkTarget } from "@keysweep/revocation/sinks/SinkTarget"
import { Config, Either, Effect, Option, ParseResult, Redacted, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { UsageError } from "../CliError.ts"
import { errorCode } from "../ErrorCode.ts"
import { durationOf, optionally, selectorOf, type Typed as Selecting } from "./selectors.ts"
import { wordOf, wordOption } from "./words.ts"

const text = (name: string, value: string, about: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(about))

/** Asked for again wherever a plan is carried out: whoever made it may have had another screen. */
export const reveal = Options.boolean("reveal").pipe(
  Options.withDescription("Allow the sink terminal: the new values are shown once, on a terminal and never in a pipe.")
)

/** What new keys get, and where their values go. */
export const values = {
  sink: text(
    "sink",
    "SINK",
    'Where the new values go: dotenv:FILE#VARIABLE, github:OWNER/REPO#SECRET, age:FILE#RECIPIENT or command:["PROGRAM"], or terminal (with --reveal). {NAME} in it stands for the key\'s name. May be repeated.'
  ).pipe(Options.repeated),
  reveal,
  credit: wordOption(
    "credit",
    ["remaining", "original"],
    "What a new key may spend: what the old one has left (the default), or what it was given once."
  ),
  limitType: wordOption(
    "limit-type",
    LimitType.literals,
    "The limit type that the new keys get. A create cannot set it, and the upstream does not show the old one."
  )
}

/** How a rotation takes its time. */
export const course = {
  wait: text("wait", "TIME", "How long both keys work, once every new value is in its place: 90s, 10m, 2h.").pipe(
    Options.optional
  ),
  soak: text("soak", "TIME", "How long the old keys stay disabled before they may be deleted. 7d without it.").pipe(
    Options.optional
  )
}

/** Where the settings of keys that are gone come from. */
export const source = {
  from: text(
    "from",
    "BACKUP",
    "A backup's id (bk_…), or log: what the log keeps of every deleted key. log without it."
  ).pipe(Options.optional),
  identity: text(
    "identity",
    "FILE",
    "The age identity that opens the backup; otherwise KEYSWEEP_IDENTITY, or that of KEYSWEEP_HOME. It is not kept."
  ).pipe(Options.optional)
}

interface Typed extends Selecting {
  readonly sink: ReadonlyArray<string>
  readonly reveal: boolean
  readonly credit: Option.Option<string>
  readonly limitType: Option.Option<string>
  readonly reason: Option.Option<string>
  readonly override: boolean
}

/** What every way to make keys has in common, as it was typed. */
export const requestOf = (typed: Typed): Either.Either<Omit<ReplaceRequest, "action">, UsageError> =>
  Either.gen(function* () {
    const sinks = yield* Either.all(typed.sink.map(sinkOf))
    if (!typed.reveal && sinks.some(({ kind }) => kind === "terminal")) {
      const detail = "A value is shown on a terminal only if that is asked for."
      return yield* Either.left(new UsageError({ detail, next: ["--sink terminal --reveal"] }))
    }
    const limit = Option.isNone(typed.limitType) ? null : typed.limitType
    return {
      selector: yield* selectorOf(typed),
      sinks,
      credit: yield* wordOf("--credit", ["remaining", "original"] as const, typed.credit, "remaining"),
      limitType: limit === null ? null : yield* wordOf("--limit-type", LimitType.literals, limit, "daily"),
      reason: Option.getOrNull(typed.reason),
      override: typed.override
    }
  })

export const courseOf = (typed: { readonly wait: Option.Option<string>; readonly soak: Option.Option<string> }) =>
  Either.gen(function* () {
    const wait = yield* optionally(typed.wait, durationOf("--wait"))
    const soak = yield* optionally(typed.soak, durationOf("--soak"))
    return { ...(wait === undefined ? {} : { wait }), ...(soak === undefined ? {} : { soak }) }
  })

export const sourceOf = (typed: {
  readonly from: Option.Option<string>
  readonly identity: Option.Option<string>
}): Effect.Effect<Source, UsageError> =>
  Effect.gen(function* () {
    if (Option.isNone(typed.from) || typed.from.value === "log") return "log"
    const backup = typed.from.value
    const given = yield* Effect.orElseSucceed(Config.option(Config.redacted("KEYSWEEP_IDENTITY")), () => Option.none())
    const read = yield* Option.match(typed.identity, {
      onNone: () => Effect.succeed(Option.map(given, Redacted.value)),
      onSome: (file) => Effect.asSome(identityFile(file))
    })
    if (Option.isNone(read)) return { backup }
    const line = read.value.split(/\r?\n/).find((it) => it.startsWith("AGE-SECRET-KEY-"))
    return line === undefined
      ? yield* new UsageError({
          detail: "This is no age identity: one is a line that begins with AGE-SECRET-KEY-.",
          next: ["--identity FILE   (as age-keygen writes it)"]
        })
      : { backup, identity: Redacted.make(line.trim()) }
  })

const identityFile = (file: string): Effect.Effect<string, UsageError> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (cause) =>
      new UsageError({ detail: `${file} cannot be read (${errorCode(cause)}).`, next: ["--identity FILE"] })
  })

const sinkOf = (typed: string): Either.Either<SinkTarget, UsageError> =>
  Either.mapLeft(Schema.decodeUnknownEither(SinkText)(typed), (error) => {
    const [wanted] = ParseResult.ArrayFormatter.formatErrorSync(error)
    return new UsageError({
      detail: `--sink ${oneLine(typed, 60)} is no place for a value. It takes ${wanted?.message ?? "a sink"}.`,
      next: ["--sink dotenv:.env#API_KEY"]
    })
  })
