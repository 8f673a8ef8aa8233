import type { Actor } from "@keysweep/audit/Actor"
import { RunId } from "@keysweep/audit/RunId"
import { Action } from "@keysweep/revocation/Action"
import { DurationText } from "@keysweep/revocation/DurationText"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import type { PlanStale, PlanUnreadable } from "@keysweep/revocation/PlanError"
import { type AnyPlan, decodeAnyPlan } from "@keysweep/revocation/replace/AnyPlan"
import type { Replacing } from "@keysweep/revocation/replace/Replacements"
import { SinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { Credit } from "@keysweep/core/Credit"
import { LimitType } from "@keysweep/core/KeySettings"
import { KeyId, KeyState } from "@keysweep/core/ProxyKey"
import type { HoldTarget } from "@keysweep/revocation/Sweep"
import { Either, Option, ParseResult, Redacted, Schema } from "effect"
import { InvalidInput } from "./Failure.ts"

/** Whoever does not use TypeScript can hand in anything. A field that is misspelt must not be a field that is left out. */
const strict = { errors: "all", onExcessProperty: "error" } as const

/** Nobody becomes a user of the operating system by saying so. */
const Person = Schema.String.pipe(
  Schema.pattern(/^(?:slack|github):[A-Za-z0-9-]{1,64}$/, {
    message: () => "must be slack:USER or github:LOGIN, as the settings name people"
  })
)

const Options = Schema.Struct({
  // The message of a failure must not repeat what it refuses.
  apiKey: Schema.String.annotations({ message: () => "must be a text" }),
  baseUrl: Schema.optional(Schema.String),
  home: Schema.optional(Schema.NonEmptyString),
  settings: Schema.optional(Schema.NonEmptyString),
  timeScale: Schema.optional(Schema.Number),
  reserve: Schema.optional(Schema.NonNegativeInt),
  actor: Schema.optional(Person)
})
export type Options = typeof Options.Type

const Texts = Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => [] })
const Flag = Schema.optionalWith(Schema.Boolean, { default: () => false })

const Selector = Schema.Struct({
  keys: Texts,
  names: Texts,
  owners: Texts,
  states: Schema.optionalWith(Schema.Array(KeyState), { default: () => [] }),
  expired: Flag,
  unused: Flag,
  unrestricted: Flag,
  idle: Schema.optional(DurationText),
  olderThan: Schema.optional(DurationText),
  spentBelow: Schema.optional(Schema.NonNegative),
  where: Schema.optional(Schema.NonEmptyString),
  all: Flag
})

const Narrowing = Schema.Struct({
  addresses: Schema.optional(Schema.Array(Schema.NonEmptyTrimmedString)),
  models: Schema.optional(Schema.Array(Schema.NonEmptyTrimmedString)),
  expiresAt: Schema.optional(Schema.DateTimeUtc),
  allocated: Schema.optional(Credit),
  limitType: Schema.optional(LimitType)
})

const Why = Schema.NonEmptyTrimmedString.annotations({ message: () => "must say why, for the log" })

const Request = Schema.Struct({
  action: Action.pipe(Schema.filter((action) => action !== "release" || "only an undo releases")),
  narrow: Schema.optional(Narrowing),
  selector: Schema.optional(Selector),
  reason: Why,
  override: Flag
}).pipe(
  Schema.filter(
    ({ action, selector }) =>
      action !== "delete-all" ||
      selector === undefined ||
      "delete-all is every key of the account: it takes no selector"
  )
)

const Sink = SinkText.pipe(
  Schema.filter(({ kind }) => kind !== "terminal" || "a program has no terminal: dotenv:, github:, age: or command:")
)

const replacement = {
  selector: Selector,
  reason: Why,
  override: Flag,
  sinks: Schema.Array(Sink),
  credit: Schema.optionalWith(Schema.Literal("remaining", "original"), { default: () => "remaining" }),
  limitType: Schema.optional(LimitType)
} as const

const Rotation = Schema.Struct({
  ...replacement,
  wait: Schema.optional(DurationText),
  soak: Schema.optional(DurationText)
})

const Recreation = Schema.Struct({
  ...replacement,
  from: Schema.optionalWith(Schema.NonEmptyString, { default: () => "log" }),
  // The message of a failure must not repeat what it refuses.
  identity: Schema.optional(
    Schema.String.pipe(Schema.pattern(/^AGE-SECRET-KEY-\S+$/)).annotations({
      message: () => "must be an age identity: AGE-SECRET-KEY-…"
    })
  )
})

/** @param given what `Keysweep.open` was called with */
export const readOptions = (given: unknown): Either.Either<Options, InvalidInput> =>
  isObject(given) ? decode("options", Options, given) : refuse("options: must be an object with an apiKey")

export const readRequest = (given: unknown): Either.Either<PlanRequest, InvalidInput> =>
  isObject(given)
    ? Either.map(decode("request", Request, given), (request): PlanRequest => {
        const { action, narrow, override, reason, selector } = request
        return {
          action,
          reason,
          override,
          ...(selector === undefined ? {} : { selector }),
          ...(narrow === undefined ? {} : { narrow })
        }
      })
    : refuse("request: must be an object with an action")

export const readRotation = (given: unknown): Either.Either<Replacing, InvalidInput> =>
  Either.map(decode("request", Rotation, given), ({ limitType = null, soak, wait, ...request }) => ({
    action: "rotate",
    ...request,
    limitType,
    ...(wait === undefined ? {} : { wait }),
    ...(soak === undefined ? {} : { soak })
  }))

export const readRecreation = (given: unknown): Either.Either<Replacing, InvalidInput> =>
  Either.map(decode("request", Recreation, given), ({ from, identity, limitType = null, ...request }) => ({
    action: "recreate",
    ...request,
    limitType,
    from:
      from === "log" ? from : { backup: from, identity: identity === undefined ? undefined : Redacted.make(identity) }
  }))

export const readRun = (given: unknown): Either.Either<RunId | null, InvalidInput> =>
  given === undefined ? Either.right(null) : decode("run", RunId, given)

export const readKnownRun = (given: unknown): Either.Either<RunId, InvalidInput> => decode("run", RunId, given)

const Hold = Schema.Struct({ key: Schema.optional(KeyId), plan: Schema.optional(Schema.NonEmptyString) })

export const readHold = (given: unknown): Either.Either<HoldTarget, InvalidInput> =>
  Either.map(decode("target", Hold, given), ({ key, plan }) => ({
    ...(key === undefined ? {} : { key }),
    ...(plan === undefined ? {} : { plan })
  }))

export const readReason = (given: unknown): Either.Either<string, InvalidInput> => decode("reason", Why, given)

export const readActor = (given: unknown): Either.Either<Actor, InvalidInput> =>
  Either.map(decode("requester", Person, given), (name) => ({ name, authenticated: true }))

export const readSelector = (given: unknown): Either.Either<typeof Selector.Type, InvalidInput> =>
  decode("selector", Selector, given)

/** A plan of either kind as it was given out, wherever it was kept meanwhile. One that was changed is stale. */
export const readPlan = (given: unknown): Either.Either<AnyPlan, InvalidInput | PlanStale | PlanUnreadable> =>
  Option.match(Option.liftThrowable((value: unknown) => JSON.stringify(value))(given), {
    onNone: () => refuse("plan: is not JSON"),
    onSome: (text) => decodeAnyPlan(text ?? "")
  })

const decode = <A, I>(what: string, schema: Schema.Schema<A, I>, given: unknown): Either.Either<A, InvalidInput> =>
  Either.mapLeft(Schema.decodeUnknownEither(schema, strict)(given), (error) => {
    const problems = ParseResult.ArrayFormatter.formatErrorSync(error)
    const lines = problems.map(({ message, path }) => `${[what, ...path.map(String)].join(".")}: ${message}`)
    return new InvalidInput({ detail: lines.join("; ") })
  })

const refuse = (detail: string) => Either.left(new InvalidInput({ detail }))

const isObject = (given: unknown): given is object => typeof given === "object" && given !== null
