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
import { yamlDocument, yamlLine } from "./Yaml.ts"

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
      (error) => refused(problemsOf(error, text))
    )
    return { ...content, source: { file, digest: digestOf(rulesOf(content)) } }
  })

/** What the settings demand, as it goes into the log: of every account the same, so without the accounts they name. */
export const rulesOf = (content: SettingsContent): typeof SettingsContent.Encoded =>
  Schema.encodeSync(SettingsContent)({ ...content, accounts: [] })

/** One sentence a place: what a union of many things says of it is said once. */
const problemsOf = (error: ParseResult.ParseError, text: string): ReadonlyArray<string> => {
  const places = new Map<string, { readonly path: ReadonlyArray<PropertyKey>; readonly messages: Array<string> }>()
  for (const { message, path } of ParseResult.ArrayFormatter.formatErrorSync(error)) {
    // The other half of "may be left out".
    if (message.startsWith("Expected undefined, actual ")) continue
    const id = path.map(String).join(".")
    const { messages } = places.get(id) ?? { messages: [] }
    places.set(id, { path, messages: [...messages, message] })
  }
  return [...places.values()].map(({ messages, path }) => {
    const line = yamlLine(text, path)
    const place = path.map((step) => nameIn(String(step))).join(".")
    return `${place || "the file"}${line === undefined ? "" : ` (line ${line})`}: ${problemOf(messages, String(path.at(-1)))}`
  })
}

/** So may the name of a field: what does not look like one is not said. */
const nameIn = (step: string): string =>
  /^(?:\d{1,6}|[A-Za-z_-]{1,32})$/.test(step) && withoutSecrets(step) === step ? step : "…"

/** What stands there may be a secret that was put in the wrong place: it is never said. */
const problemOf = (messages: ReadonlyArray<string>, field: string): string => {
  const [first = ""] = messages
  const fields = /^is unexpected, expected: (.*)$/u.exec(first)?.[1]
  if (fields !== undefined) return `there is no such field; ${orMeant(field, fields.split(" | ").map(unquoted))}`
  const literals = messages.flatMap((message) => /^Expected ("[^"]*"), actual /su.exec(message)?.[1] ?? [])
  if (literals.length === messages.length && messages.length > 1) {
    const actual = /, actual "(.*)"$/su.exec(first)?.[1] ?? ""
    return `there is no such value; ${orMeant(actual, literals.map(unquoted))}`
  }
  return [...new Set(messages.map((message) => withoutSecrets(message.replace(/, actual .*$/su, ""))))].join("; ")
}

const unquoted = (text: string): string => text.replaceAll('"', "")

const orMeant = (typed: string, there: ReadonlyArray<string>): string => {
  const meant = nearest(typed, there)
  return meant === undefined ? `there are ${there.join(", ")}` : `did you mean ${meant}?`
}

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
