import { Options } from "@effect/cli"
import { KeyState } from "@keysweep/core/ProxyKey"
import { parseDuration } from "@keysweep/revocation/DurationText"
import type { Selector } from "@keysweep/revocation/Selection"
import { oneLine } from "@keysweep/core/SafeText"
import { type Duration, Either, Option, Schema } from "effect"
import { UsageError } from "../CliError.ts"
import { listed } from "../render/Words.ts"
import { nearest } from "@keysweep/revocation/Suggest"

const text = (name: string, value: string, about: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(about))

const flag = (name: string, about: string) => Options.boolean(name).pipe(Options.withDescription(about))

/** Which keys. Values of one option are alternatives; different options narrow one another. */
export const selectors = {
  key: text("key", "KEY", "This key: its id (kf_…), the beginning of its id, or its whole name. May be repeated.").pipe(
    Options.repeated
  ),
  name: text("name", "GLOB", "Keys whose whole name matches: 'ci-*'. May be repeated.").pipe(Options.repeated),
  owner: text("owner", "GLOB", "Keys whose owner, by the settings, matches: 'team-*'. May be repeated.").pipe(
    Options.repeated
  ),
  state: text("state", "STATE", `Keys in this state: ${KeyState.literals.join(", ")}. May be repeated.`).pipe(
    Options.repeated
  ),
  expired: flag("expired", "Keys that have expired."),
  disabled: flag("disabled", "Keys that are disabled."),
  idle: text("idle", "TIME", "Keys not used for so long: 12h, 30d, 2w. Never used counts from its making.").pipe(
    Options.optional
  ),
  olderThan: text("older-than", "TIME", "Keys made so long ago.").pipe(Options.optional),
  unused: flag("unused", "Keys of which the upstream shows no use."),
  unrestricted: flag("unrestricted", "Keys that work with every model and from every address."),
  spentBelow: text("spent-below", "CREDITS", "Keys that have spent less.").pipe(Options.optional),
  where: text(
    "where",
    "EXPRESSION",
    "Keys for which this is true: 'idle > days(30) && owner == \"\"'. See keysweep help selection."
  ).pipe(Options.optional),
  all: flag("all", "Every key of the account. Stands alone.")
}

export interface Typed {
  readonly key: ReadonlyArray<string>
  readonly name: ReadonlyArray<string>
  readonly owner: ReadonlyArray<string>
  readonly state: ReadonlyArray<string>
  readonly expired: boolean
  readonly disabled: boolean
  readonly idle: Option.Option<string>
  readonly olderThan: Option.Option<string>
  readonly unused: boolean
  readonly unrestricted: boolean
  readonly spentBelow: Option.Option<string>
  readonly where: Option.Option<string>
  readonly all: boolean
}

/** The question as it was typed; what it means is not for this program to say. */
export const selectorOf = (typed: Typed): Either.Either<Selector, UsageError> =>
  Either.gen(function* () {
    return {
      keys: typed.key,
      names: typed.name,
      owners: typed.owner,
      states: [...(yield* Either.all(typed.state.map(stateOf))), ...(typed.disabled ? ["disabled" as const] : [])],
      expired: typed.expired,
      idle: yield* optionally(typed.idle, durationOf("--idle")),
      olderThan: yield* optionally(typed.olderThan, durationOf("--older-than")),
      unused: typed.unused,
      unrestricted: typed.unrestricted,
      spentBelow: yield* optionally(typed.spentBelow, creditsOf("--spent-below")),
      where: Option.getOrUndefined(typed.where),
      all: typed.all
    }
  })

/** A length of time after an option. */
export const durationOf =
  (option: string) =>
  (text: string): Either.Either<Duration.Duration, UsageError> =>
    Either.mapLeft(parseDuration(text), () =>
      refusal(`${option} takes a time like 90m, 12h, 30d or 2w; ${quoted(text)} is none.`)
    )

/** What was typed, read; nothing where nothing was typed. */
export const optionally = <A>(
  typed: Option.Option<string>,
  read: (text: string) => Either.Either<A, UsageError>
): Either.Either<A | undefined, UsageError> => (Option.isNone(typed) ? Either.right(undefined) : read(typed.value))

const stateOf = (text: string): Either.Either<KeyState, UsageError> =>
  Either.mapLeft(Schema.decodeUnknownEither(KeyState)(text), () => {
    const meant = nearest(text, KeyState.literals)
    const all = `A key is ${listed(KeyState.literals).replace(" and ", " or ")}`
    return refusal(
      `${quoted(text)} is no state of a key.${meant === undefined ? ` ${all}.` : ` Did you mean ${meant}?`}`
    )
  })

/** A number of credits after an option. */
export const creditsOf =
  (option: string) =>
  (text: string): Either.Either<number, UsageError> =>
    /^\d{1,12}(?:\.\d{1,6})?$/.test(text)
      ? Either.right(Number(text))
      : Either.left(refusal(`${option} takes a number of credits; ${quoted(text)} is none.`))

const refusal = (detail: string): UsageError => new UsageError({ detail, next: ["keysweep help selection"] })

const quoted = (text: string): string => `"${oneLine(text, 60)}"`
