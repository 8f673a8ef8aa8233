import type { Actor } from "@keysweep/audit/Actor"
import type { LeakSource } from "@keysweep/audit/Event"
import { digestOf } from "@keysweep/core/Canonical"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { Context, DateTime, Either, Layer, ParseResult, Schema } from "effect"
import type { Action } from "./Action.ts"
import type { Finding, OwnerOf } from "./Findings.ts"
import { matchesName } from "./NameGlob.ts"
import { type Owner, type Person, SettingsContent } from "./SettingsContent.ts"
import { nearest } from "./Suggest.ts"
import { memberOf, type UserGroups } from "./UserGroups.ts"
import { yamlDocument } from "./Yaml.ts"

/** The settings and where they came from. Without a file: no rules beyond those that always hold. */
export class Settings extends Context.Tag("@keysweep/revocation/Settings")<
  Settings,
  SettingsContent & {
    readonly source: { readonly file: string; readonly digest: string } | null
    /** The members of the user groups that it names, from a surface that can ask for them. */
    readonly groups?: UserGroups
  }
>() {
  static readonly none: typeof Settings.Service = { ...Schema.decodeSync(SettingsContent)({}), source: null }
  static readonly layerNone = Layer.succeed(Settings, Settings.none)
}

/** The settings file cannot be used; nothing was done. */
export class SettingsRefused extends Schema.TaggedError<SettingsRefused>()("SettingsRefused", {
  file: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `${this.file}: ${this.problems.join("; ")}`
  }
}

/** A `keysweep.yaml`, or every mistake in it with its place. */
export const parseSettings = (file: string, text: string): Either.Either<typeof Settings.Service, SettingsRefused> =>
  Either.gen(function* () {
    const refused = (problems: ReadonlyArray<string>) => new SettingsRefused({ file, problems })
    const document = yield* Either.mapLeft(yamlDocument(text), (problem) => refused([problem]))
    const content = yield* Either.mapLeft(
      Schema.decodeUnknownEither(SettingsContent, { onExcessProperty: "error", errors: "all" })(document ?? {}),
      (error) => refused(problemsOf(error))
    )
    return { ...content, source: { file, digest: digestOf(rulesOf(content)) } }
  })

/** What the settings demand, as it goes into the log: of every account the same, so without the accounts they name. */
export const rulesOf = (content: SettingsContent): typeof SettingsContent.Encoded =>
  Schema.encodeSync(SettingsContent)({ ...content, accounts: [] })

const problemsOf = (error: ParseResult.ParseError): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).flatMap(({ message, path }) => {
    // The other half of "may be left out".
    if (message.startsWith("Expected undefined, actual ")) return []
    // What stands there may be a secret that was put in the wrong place.
    const problem = withoutSecrets(message.replace(/, actual .*$/su, ""))
    const expected = /^is unexpected, expected: (.*)$/u.exec(message)?.[1]
    const fields = (expected ?? "").split(" | ").map((it) => it.replaceAll('"', ""))
    const meant = nearest(String(path.at(-1)), fields)
    return [
      `${path.join(".") || "the file"}: ${expected === undefined ? problem : `there is no such field; ${meant === undefined ? `there are ${fields.join(", ")}` : `did you mean ${meant}?`}`}`
    ]
  })

interface Named {
  readonly id: KeyId
  readonly name: string
}

/** Why a key is protected now, or nothing. */
export const protectionOf = (settings: SettingsContent, key: Named, now: DateTime.Utc): string | null => {
  const rule = settings.protected.find(
    (it) => (it.until === undefined || DateTime.greaterThan(it.until, now)) && isAbout(it, key)
  )
  return rule === undefined ? null : (rule.why ?? `by ${rule.key ?? `name ${rule.name ?? ""}`}`)
}

/** Whose a key is: the first rule that fits. */
export const ownerOf = (settings: SettingsContent, key: Named): Owner | null =>
  settings.owners.find((it) => isAbout(it, key)) ?? null

/** Whose keys are, in one word each; nothing where the settings name no owners at all. */
export const ownersIn = (settings: SettingsContent): OwnerOf | undefined =>
  settings.owners.length === 0
    ? undefined
    : (key) => {
        const owner = ownerOf(settings, key)
        return owner === null ? null : ownerName(owner)
      }

/**
 * Whether the settings let this action happen to such keys without a person: every key is of a class they name, by what
 * was found of it or by who reported it as leaked.
 */
export const isAutomatic = (
  settings: SettingsContent,
  action: Action,
  keys: ReadonlyArray<{ readonly id: KeyId; readonly findings: ReadonlyArray<Finding> }>,
  leaked: ReadonlyMap<KeyId, ReadonlySet<LeakSource>> = new Map()
): boolean =>
  keys.length > 0 &&
  keys.every(({ findings, id }) => {
    const sources = leaked.get(id)
    return (
      settings.automatic.some((rule) => rule.action === action && findings.includes(rule.finding)) ||
      (sources !== undefined &&
        settings.leaks.some(
          (rule) => rule.action === action && (rule.from === undefined || rule.from.some((it) => sources.has(it)))
        ))
    )
  })

/** How many other people must approve an action. */
export const approvalsNeeded = (settings: SettingsContent, action: Action): number =>
  action === "delete" || action === "delete-all" ? (settings.approvals[action] ?? 0) : 0

/** An owner in one word. */
export const ownerName = (owner: Owner): string => owner.person ?? owner.service ?? owner.slack ?? "somebody"

const isAbout = (rule: { readonly key?: KeyId | undefined; readonly name?: string | undefined }, key: Named): boolean =>
  (rule.key === undefined || rule.key === key.id) && (rule.name === undefined || matchesName(rule.name, key.name))

/** The person behind an actor (`slack:U024BE7LH`, `github:octocat`, `os:alice`), if the settings name one. */
export const personOf = (settings: SettingsContent & { readonly groups?: UserGroups }, actor: Actor): Person | null => {
  const [kind, ...rest] = actor.name.split(":")
  const id = rest.join(":")
  const known = settings.people.find((person) => {
    switch (kind) {
      case "slack":
        return person.slack === id
      case "github":
        return person.github?.toLowerCase() === id.toLowerCase()
      case "os":
        return person.os === id
      default:
        return false
    }
  })
  return known ?? (kind === "slack" ? memberOf(settings, id) : null)
}
