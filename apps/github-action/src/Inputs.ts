import { RunId } from "@keysweep/audit/RunId"
import { LimitType } from "@keysweep/core/KeySettings"
import { parseDuration } from "@keysweep/revocation/DurationText"
import { parseMoment } from "@keysweep/revocation/MomentText"
import { SinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { DateTime, Either, ParseResult, Schema } from "effect"
import { join } from "node:path"
import { InputsRefused, type Mistake } from "./ActionError.ts"
import { inputRules, type Surroundings } from "./InputRules.ts"

/** A failure names what was expected and never repeats what was given: it may be a secret in the wrong place. */
const says = <A, I, R>(schema: Schema.Schema<A, I, R>, message: string) =>
  schema.annotations({ message: () => ({ message, override: true }) })

const list = (separator: RegExp) =>
  Schema.transform(Schema.String, Schema.Array(Schema.String), {
    strict: true,
    decode: (text) =>
      text
        .split(separator)
        .map((it) => it.trim())
        .filter((it) => it !== ""),
    encode: (items) => items.join("\n")
  })

const Lines = list(/\r?\n/)

const Flag = says(Schema.Literal("", "true", "false"), "must be true or false").pipe(
  Schema.transform(Schema.Boolean, {
    strict: true,
    decode: (text) => text === "true",
    encode: (flag) => (flag ? "true" : "false")
  })
)

const Recipients = list(/[\s,]+/).pipe(
  Schema.filter(
    (items) =>
      !items.some((it) => it.startsWith("AGE-SECRET-KEY-")) ||
      "holds a secret identity: give the public recipient (age1…), change the identity, and keep it away from workflows"
  ),
  Schema.filter(
    (items) => items.every((it) => /^age1[0-9a-z]{6,}$/.test(it)) || "must be age recipients (age1…), one a line"
  )
)

/** The places of new values; a runner has no terminal. */
const SinkLines = Lines.pipe(
  Schema.compose(Schema.Array(SinkText)),
  Schema.filter((sinks) => !sinks.some(({ kind }) => kind === "terminal") || "a runner has no terminal to show a value")
)

const Budget = says(Schema.String.pipe(Schema.pattern(/^$|^\d{1,12}(?:\.\d{1,6})?$/)), "must be a number of credits")

const DelayText = Schema.String.pipe(
  Schema.filter((text) => text === "" || Either.isRight(parseDuration(text)) || "must be a time: 45m, 12h, 30d or 2w")
)

const MomentInput = Schema.String.pipe(
  Schema.filter(
    (text) =>
      text === "" ||
      Either.isRight(parseMoment(text, DateTime.unsafeMake(0))) ||
      "must be a time: 2026-12-31T18:00:00Z, or one from now: 2h, 7d"
  )
)

const Anchor = says(Schema.String.pipe(Schema.pattern(/^$|^\d{1,15}:[0-9a-f]{64}$/)), "must be of the form seq:hash")

/** What a step can plan. */
export const actions = ["disable", "enable", "contain", "delete", "delete-all", "rotate", "recreate", "undo"] as const

export const CommandName = Schema.Literal("audit", "scan", "plan", "apply", "resume", "backup", "verify-log", "run-due")
export type CommandName = typeof CommandName.Type

/** Every input of `action.yml`, as the runner hands it over. */
const Fields = Schema.Struct({
  command: says(CommandName, `must be one of ${CommandName.literals.join(", ")}`),
  "api-key": Schema.String,
  recipients: Recipients,
  "base-url": Schema.String,
  settings: Schema.String,
  home: Schema.String,
  store: says(
    Schema.String.pipe(Schema.pattern(/^$|^postgres(?:ql)?:\/\/\S+$/)),
    "must be the address of a PostgreSQL database (postgres://…), from a secret"
  ),
  "signing-key": Schema.String,
  "state-in": Schema.String,
  anchor: Anchor,
  deadline: DelayText,
  "fail-on": Schema.String,
  paths: Lines,
  history: Flag,
  everything: Flag,
  action: says(Schema.Literal("", ...actions), `must be one of ${actions.join(", ")}`),
  keys: Lines,
  names: Lines,
  where: Schema.String,
  expired: Flag,
  disabled: Flag,
  all: Flag,
  "delete-after": DelayText,
  addresses: Lines,
  models: Lines,
  expires: MomentInput,
  budget: Budget,
  "limit-type": says(Schema.Literal("", ...LimitType.literals), `must be one of ${LimitType.literals.join(", ")}`),
  sinks: SinkLines,
  credit: says(Schema.Literal("", "remaining", "original"), "must be one of remaining, original"),
  wait: DelayText,
  override: Flag,
  reason: Schema.String,
  "plan-path": Schema.String,
  "secrets-token": Schema.String,
  run: says(Schema.Union(Schema.Literal(""), RunId), "must be the id of a run (run_…)"),
  confirm: Schema.String,
  environment: Schema.String,
  "github-token": Schema.String,
  "log-bundle": Schema.String
}).annotations({ parseOptions: { errors: "all" } })

export type Inputs = typeof Fields.Type
export type RawInputs = typeof Fields.Encoded

/** The folder of log, backups and what is known of the rate limit. */
export const homeOf = (inputs: Inputs, { temp }: { readonly temp: string }): string =>
  inputs.home || join(temp, "keysweep")

export const inputNames = Object.keys(Fields.fields)

/** Inputs that may be in the environment instead. */
export const fromEnvironment = {
  "signing-key": "KEYSWEEP_SIGNING_KEY",
  store: "KEYSWEEP_DATABASE_URL",
  "secrets-token": "KEYSWEEP_GITHUB_TOKEN"
} as const

/** Inputs whose values are secrets. */
export const secretInputs = ["api-key", "signing-key", "store", "secrets-token", "github-token"] as const

/** Checks every input and every rule between inputs, and names all mistakes at once. */
export const parseInputs = (
  raw: { readonly [name: string]: string },
  surroundings: Surroundings
): Either.Either<Inputs, InputsRefused> => {
  const decoded = Schema.decodeUnknownEither(Fields)(raw)
  const mistakes = [
    ...Either.match(decoded, { onLeft: fieldMistakes, onRight: () => [] }),
    ...inputRules(raw, surroundings)
  ]
  return Either.flatMap(
    Either.mapLeft(decoded, () => new InputsRefused({ mistakes })),
    (inputs) => (mistakes.length === 0 ? Either.right(inputs) : Either.left(new InputsRefused({ mistakes })))
  )
}

const fieldMistakes = (error: ParseResult.ParseError): ReadonlyArray<Mistake> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message, path }) => ({
    input: String(path[0] ?? ""),
    detail: message
  }))
