import { Options } from "@effect/cli"
import type { Selector } from "@keysweep/revocation/Selection"
import { Option } from "effect"

export const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON document on standard output."))

export const quiet = Options.boolean("quiet").pipe(
  Options.withAlias("q"),
  Options.withDescription("No progress on standard error.")
)

const reason = Options.text("reason").pipe(
  Options.withPseudoName("TEXT"),
  Options.withDescription("Why. It goes into plan and log."),
  Options.optional
)

const override = Options.boolean("override").pipe(
  Options.withDescription("Lift every blocking check that the settings allow to be lifted. Needs --reason.")
)

/** Why, and whether all the same. */
export const grounds = { reason, override }

export const groundsOf = (typed: { readonly reason: Option.Option<string>; readonly override: boolean }) => ({
  reason: Option.getOrNull(typed.reason),
  override: typed.override
})

/** For commands that only read the records. */
export const account = Options.text("account").pipe(
  Options.withPseudoName("ACCOUNT"),
  Options.withDescription("Records of this account; otherwise of the master key's, or of the only one that has any."),
  Options.optional
)

/** Which keys. Values of one option are alternatives; different options narrow one another. */
export const selectors = {
  key: Options.text("key").pipe(
    Options.withPseudoName("KEY"),
    Options.withDescription("This key: its id (kf_…), the beginning of its id, or its whole name. May be repeated."),
    Options.repeated
  ),
  name: Options.text("name").pipe(
    Options.withPseudoName("GLOB"),
    Options.withDescription("Keys whose whole name matches: 'ci-*'. May be repeated."),
    Options.repeated
  ),
  expired: Options.boolean("expired").pipe(Options.withDescription("Keys that have expired.")),
  disabled: Options.boolean("disabled").pipe(Options.withDescription("Keys that are disabled.")),
  all: Options.boolean("all").pipe(Options.withDescription("Every key of the account. Stands alone."))
}

export const selectorOf = (typed: {
  readonly key: ReadonlyArray<string>
  readonly name: ReadonlyArray<string>
  readonly expired: boolean
  readonly disabled: boolean
  readonly all: boolean
}): Selector => ({
  keys: typed.key,
  names: typed.name,
  states: typed.disabled ? ["disabled"] : [],
  expired: typed.expired,
  all: typed.all
})
