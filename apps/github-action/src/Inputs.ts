import { makeAccount } from "@keysweep/core/Account"
import { Either, ParseResult, Redacted, Schema } from "effect"
import { isAbsolute, relative } from "node:path"
import { InputsRefused, type Mistake } from "./ActionError.ts"

/** A failure names what was expected and never repeats what was given: it may be a secret in the wrong place. */
const says = <A, I, R>(schema: Schema.Schema<A, I, R>, message: string) =>
  schema.annotations({ message: () => ({ message, override: true }) })

const lines = (text: string): ReadonlyArray<string> =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")

const Lines = Schema.transform(Schema.String, Schema.Array(Schema.String), {
  strict: true,
  decode: lines,
  encode: (list) => list.join("\n")
})

const Flag = says(Schema.Literal("", "true", "false"), "must be true or false").pipe(
  Schema.transform(Schema.Boolean, {
    strict: true,
    decode: (text) => text === "true",
    encode: (flag) => (flag ? "true" : "false")
  })
)

const Recipients = Schema.transform(Schema.String, Schema.Array(Schema.String), {
  strict: true,
  decode: (text) => text.split(/[\s,]+/).filter((it) => it !== ""),
  encode: (list) => list.join("\n")
}).pipe(
  Schema.filter((list) => list.length > 0 || "is required: age recipients (age1…), one a line"),
  Schema.filter(
    (list) =>
      !list.some((it) => it.startsWith("AGE-SECRET-KEY-")) ||
      "holds a secret identity: give the public recipient (age1…), change the identity, and keep it away from workflows"
  ),
  Schema.filter(
    (list) => list.every((it) => /^age1[0-9a-z]{6,}$/.test(it)) || "must be age recipients (age1…), one a line"
  )
)

/** What a step can plan. */
const actions = ["disable", "enable", "delete", "delete-all"] as const

const Command = Schema.Literal("audit", "plan", "apply", "backup")
const isCommand = Schema.is(Command)

/** Every input of `action.yml`, as the runner hands it over. */
const Fields = Schema.Struct({
  command: says(Command, "must be audit, plan, apply or backup"),
  "api-key": says(Schema.NonEmptyString, "is required: the account's master key, from a secret"),
  recipients: Recipients,
  "base-url": Schema.String,
  home: Schema.String,
  settings: Schema.String,
  action: says(Schema.Literal("", ...actions), `must be one of ${actions.join(", ")}`),
  keys: Lines,
  names: Lines,
  expired: Flag,
  disabled: Flag,
  all: Flag,
  reason: Schema.String,
  "plan-path": Schema.String,
  confirm: Schema.String
}).annotations({ parseOptions: { errors: "all" } })

export type Inputs = typeof Fields.Type
export type RawInputs = typeof Fields.Encoded

export const inputNames = Object.keys(Fields.fields)

/** What only `plan` may be given: `apply` takes a plan file and the confirmed hash, and nothing that could widen it. */
const ofPlan = ["action", "keys", "names", "expired", "disabled", "all", "reason"] as const

export interface Surroundings {
  readonly workspace: string
  readonly timeScale: number
}

/** Checks every input and every rule between inputs, and names all mistakes at once. */
export const parseInputs = (
  raw: { readonly [name: string]: string },
  surroundings: Surroundings
): Either.Either<Inputs, InputsRefused> => {
  const decoded = Schema.decodeUnknownEither(Fields)(raw)
  const mistakes = [...Either.match(decoded, { onLeft: fieldMistakes, onRight: () => [] }), ...rules(raw, surroundings)]
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

/** Rules over the text as it was given, so that a mistake in one input does not hide another. */
const rules = (raw: { readonly [name: string]: string }, surroundings: Surroundings): ReadonlyArray<Mistake> => {
  const text = (name: keyof RawInputs) => raw[name] ?? ""
  const command = text("command")
  const given = (name: keyof RawInputs) => text(name) !== "" && text(name) !== "false"
  const rule = (holds: boolean, input: keyof RawInputs, detail: string): ReadonlyArray<Mistake> =>
    holds ? [] : [{ input, detail }]
  return [
    ...accountMistakes(raw, surroundings),
    ...rule(text("home") === "" || isAbsolute(text("home")), "home", "must be an absolute path"),
    ...rule(
      !inside(text("home"), surroundings.workspace),
      "home",
      "must not be in the workspace: a checkout could place settings there"
    ),
    ...rule(command !== "plan" || given("action"), "action", "is required by plan"),
    ...rule(command !== "plan" || given("reason"), "reason", "is required by plan: why, for the log"),
    ...rule(command !== "apply" || given("plan-path"), "plan-path", "is required by apply"),
    ...rule(command !== "apply" || given("confirm"), "confirm", "is required by apply: the hash of exactly this plan"),
    ...rule(!isCommand(command) || command === "apply" || !given("confirm"), "confirm", "is for apply only"),
    ...rule(
      !isCommand(command) || command === "apply" || command === "plan" || !given("plan-path"),
      "plan-path",
      "is for plan and apply only"
    ),
    ...(!isCommand(command) || command === "plan"
      ? []
      : ofPlan.flatMap((name) => rule(!given(name), name, "is for plan only"))),
    ...(command === "plan" && text("action") === "delete-all"
      ? (["keys", "names", "expired", "disabled", "all"] as const).flatMap((name) =>
          rule(!given(name), name, "contradicts delete-all, which is every key of the account")
        )
      : [])
  ]
}

const accountMistakes = (
  raw: { readonly [name: string]: string },
  { timeScale }: Surroundings
): ReadonlyArray<Mistake> => {
  const key = raw["api-key"] ?? ""
  const account = makeAccount({ masterKey: Redacted.make(key), baseUrl: raw["base-url"] || undefined, timeScale })
  return key === ""
    ? []
    : Either.match(account, { onRight: () => [], onLeft: ({ detail }) => [{ input: "api-key, base-url", detail }] })
}

const inside = (path: string, folder: string): boolean => {
  if (folder === "" || !isAbsolute(path)) return false
  const way = relative(folder, path)
  return way === "" || (!way.startsWith("..") && !isAbsolute(way))
}
