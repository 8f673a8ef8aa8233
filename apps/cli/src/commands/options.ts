import { Options } from "@effect/cli"
import { Option } from "effect"

export const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON document on standard output."))

export const quiet = Options.boolean("quiet").pipe(
  Options.withAlias("q"),
  Options.withDescription("No progress on standard error.")
)

/** What every command takes that reaches the upstream. */
export const reach = {
  account: Options.text("account").pipe(
    Options.withPseudoName("LABEL"),
    Options.withDescription("This account of the settings, instead of the environment's."),
    Options.optional
  ),
  quiet
}

/** The same, of what can be done on several accounts at once. */
export const reaches = {
  account: Options.text("account").pipe(
    Options.withPseudoName("LABEL,…"),
    Options.withDescription("This account of the settings, or these, instead of the environment's."),
    Options.optional
  ),
  allAccounts: Options.boolean("all-accounts").pipe(Options.withDescription("Every account of the settings.")),
  quiet
}

const reason = Options.text("reason").pipe(
  Options.withPseudoName("TEXT"),
  Options.withDescription("Why. It goes into plan and log. A terminal asks for it; without one it must be given."),
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
  Options.withDescription(
    "Records of this account, by its id or its label in the settings; otherwise of the master key's, or of the only one that has any."
  ),
  Options.optional
)
