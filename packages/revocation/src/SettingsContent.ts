import { LeakSource } from "@keysweep/audit/Event"
import { checkedBaseUrl } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { Duration, Either, Schema } from "effect"
import { isAbsolute } from "node:path"
import { Action } from "./Action.ts"
import { AuditSchedule } from "./AuditSchedule.ts"
import { DurationText } from "./DurationText.ts"
import { Finding } from "./Findings.ts"
import { LiftableCheck } from "./GateResult.ts"

/** One person, and by which names the surfaces know them; or everybody in a user group of Slack. */
export const Person = Schema.Struct({
  name: Schema.NonEmptyString,
  /** Slack user id: `U024BE7LH`. */
  slack: Schema.optional(Schema.NonEmptyString),
  /** GitHub login. */
  github: Schema.optional(Schema.NonEmptyString),
  /** Operating system user. It identifies a person only as far as the machine does. */
  os: Schema.optional(Schema.NonEmptyString),
  /** Slack user group: `S024BE7LH`. Each of its members is a person. */
  slackGroup: Schema.optional(
    Schema.String.pipe(Schema.pattern(/^S[A-Z0-9]{2,}$/, { message: () => "needs the id of a Slack user group, S…" }))
  )
}).pipe(
  Schema.filter(
    ({ github, os, slack, slackGroup }) =>
      slackGroup === undefined || (slack ?? github ?? os) === undefined || "is a user group or one person, not both"
  )
)
export type Person = typeof Person.Type

/** Which keys a rule is about: one by its id, or all whose whole name matches a glob. */
const keys = {
  key: Schema.optional(KeyId),
  name: Schema.optional(Schema.NonEmptyString)
}

/** A key that no action touches. */
const Protection = Schema.Struct({
  ...keys,
  /** From this moment on the key is not protected any more. */
  until: Schema.optional(Schema.DateTimeUtc),
  why: Schema.optional(Schema.String)
}).pipe(Schema.filter((it) => it.key !== undefined || it.name !== undefined || "needs a key or a name"))

/** Whose keys these are. The first rule that fits counts. */
const Owner = Schema.Struct({
  ...keys,
  person: Schema.optional(Schema.NonEmptyString),
  service: Schema.optional(Schema.NonEmptyString),
  /** Slack channel or user to tell. */
  slack: Schema.optional(Schema.NonEmptyString),
  criticality: Schema.optionalWith(Schema.Literal("low", "normal", "high"), { default: () => "normal" as const })
}).pipe(Schema.filter((it) => it.key !== undefined || it.name !== undefined || "needs a key or a name"))
export type Owner = typeof Owner.Type

const VariableName = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, {
    message: () => "needs the name of an environment variable, not the secret itself"
  })
)

/** What people call an account. Never the id of one, so that both can be typed in the same place. */
const Label = Schema.String.pipe(
  Schema.pattern(/^(?!acct_)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    message: () => "needs letters, digits, dots and dashes, and must not look like the id of an account"
  })
)

/** A program of the PATH, or by its whole path: a relative one would be whatever lies in the working directory. */
const KeyCommand = Schema.NonEmptyArray(Schema.NonEmptyString).pipe(
  Schema.filter(([program]) => !/[/\\]/.test(program) || isAbsolute(program) || "needs a program's name or whole path"),
  Schema.filter((words) => words.every((word) => withoutSecrets(word) === word) || "must not hold a secret")
)

/** One account, and where its master key comes from. The key itself never stands here. */
export const NamedAccount = Schema.Struct({
  label: Label,
  /** Name of the environment variable with the master key. */
  keyFrom: Schema.optional(VariableName),
  /** A program and its arguments, run without a shell, that prints the master key as its first line. */
  keyCommand: Schema.optional(KeyCommand),
  baseUrl: Schema.optional(
    Schema.String.pipe(
      Schema.filter((url) => Either.match(checkedBaseUrl(url), { onLeft: ({ detail }) => detail, onRight: () => true }))
    )
  )
}).pipe(
  Schema.filter(
    (it) => (it.keyFrom === undefined) !== (it.keyCommand === undefined) || "needs either keyFrom or keyCommand"
  )
)
export type NamedAccount = typeof NamedAccount.Type

/** Where a notice goes. The address is a secret: it comes out of an environment variable. */
export const NoticeTarget = Schema.Struct({
  /** What the log calls it. */
  name: Schema.NonEmptyString,
  kind: Schema.Literal("slack", "webhook"),
  /** Name of the environment variable with the address. */
  urlFrom: VariableName,
  /** `webhook`: name of the environment variable with the secret that signs the body. */
  secretFrom: Schema.optional(VariableName),
  before: Schema.optionalWith(Schema.Array(Action), { default: () => ["delete", "delete-all"] as const }),
  /** Nothing is done when it cannot be delivered. */
  required: Schema.optionalWith(Schema.Boolean, { default: () => true })
})
export type NoticeTarget = typeof NoticeTarget.Type

/** Where log, locks, backups and the pacer's state are, if not in the home folder. */
const Store = Schema.Union(
  Schema.String.pipe(
    Schema.filter(
      (url) =>
        (URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol) && new URL(url).password === "") ||
        "needs to be postgres://user@host/database without a password; with one, it comes out of an environment variable: { urlFrom: NAME }"
    )
  ),
  Schema.Struct({ urlFrom: VariableName })
)

const none = () => []

const Count = Schema.Int.pipe(Schema.between(0, 10))

/** `keysweep.yaml`. Unknown fields are refused: a misspelt rule must not look like a rule. */
export const SettingsContent = Schema.Struct({
  accounts: Schema.optionalWith(
    Schema.Array(NamedAccount).pipe(
      Schema.filter((all) => new Set(all.map(({ label }) => label)).size === all.length || "two have the same label")
    ),
    { default: none }
  ),
  people: Schema.optionalWith(Schema.Array(Person), { default: none }),
  /** How many other people must approve. What can be taken back never waits for a second person. */
  approvals: Schema.optionalWith(
    Schema.Struct({ delete: Schema.optional(Count), "delete-all": Schema.optional(Count) }),
    { default: () => ({}) }
  ),
  /** What may happen to keys with a finding without confirmation and approval: expired keys may be deleted, say. */
  automatic: Schema.optionalWith(Schema.Array(Schema.Struct({ action: Action, finding: Finding })), { default: none }),
  /** What may happen to leaked keys without confirmation and approval, by who reported them; any, if none is named. */
  leaks: Schema.optionalWith(
    Schema.Array(Schema.Struct({ action: Action, from: Schema.optional(Schema.NonEmptyArray(LeakSource)) })),
    { default: none }
  ),
  protected: Schema.optionalWith(Schema.Array(Protection), { default: none }),
  owners: Schema.optionalWith(Schema.Array(Owner), { default: none }),
  /** How many keys one plan may touch: a number, and a share where the account has at least `minimum` keys. */
  caps: Schema.optionalWith(
    Schema.Struct({
      count: Schema.optional(Schema.Int.pipe(Schema.positive())),
      percent: Schema.optional(Schema.Number.pipe(Schema.between(0, 100))),
      minimum: Schema.optionalWith(Schema.Int.pipe(Schema.nonNegative()), { default: () => 5 })
    }),
    { default: () => ({ minimum: 5 }) }
  ),
  /** A key used within this time counts as live. */
  liveUse: Schema.optionalWith(DurationText, { default: () => Duration.hours(24) }),
  /** How long a key stays disabled before it may be deleted; the longest that fits. Absent: no soak is demanded. */
  soak: Schema.optionalWith(Schema.Array(Schema.Struct({ finding: Schema.optional(Finding), time: DurationText })), {
    default: none
  }),
  /** Checks that block a deletion; without being listed they only warn. */
  block: Schema.optionalWith(Schema.Array(LiftableCheck), { default: none }),
  /** Blocking checks that `--override --reason` may lift. */
  overridable: Schema.optionalWith(Schema.Array(LiftableCheck), { default: () => LiftableCheck.literals }),
  /** A plan is applied only in the repository, or on the very ref, whose workflow made it. Absent: anywhere. */
  origin: Schema.optional(Schema.Literal("repository", "ref")),
  notices: Schema.optionalWith(Schema.Array(NoticeTarget), { default: none }),
  store: Schema.optional(Store),
  /** Where the bot listens: one workspace (`T…`), and channels (`C…`). Left out: wherever it was installed and invited. */
  slack: Schema.optionalWith(
    Schema.Struct({
      workspace: Schema.optional(Schema.NonEmptyString),
      channels: Schema.optional(Schema.Array(Schema.NonEmptyString)),
      audit: Schema.optional(AuditSchedule),
      /** Channel for soaks that were begun elsewhere; the first of `channels` where it is left out. */
      soaks: Schema.optional(Schema.NonEmptyString)
    }),
    { default: () => ({}) }
  ),
  /** Keys that may have begun the log of another home (`ed25519:…`); empty: any. A receipt's log names its own. */
  signers: Schema.optionalWith(Schema.Array(Schema.String.pipe(Schema.pattern(/^ed25519:[A-Za-z0-9+/=_-]{40,}$/))), {
    default: none
  }),
  backup: Schema.optionalWith(
    Schema.Struct({ recipients: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: none }) }),
    { default: () => ({ recipients: [] }) }
  )
}).annotations({ identifier: "Settings" })
export type SettingsContent = typeof SettingsContent.Type
