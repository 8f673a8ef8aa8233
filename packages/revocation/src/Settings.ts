import type { Actor } from "@keysweep/audit/Actor"
import { digestOf } from "@keysweep/core/Canonical"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Context, DateTime, Either, Layer, ParseResult, Schema } from "effect"
import { Action } from "./Action.ts"
import { matchesName } from "./NameGlob.ts"
import { yamlDocument } from "./Yaml.ts"

/** One person, and by which names the surfaces know them. */
export const Person = Schema.Struct({
  name: Schema.NonEmptyString,
  /** Slack user id: `U024BE7LH`. */
  slack: Schema.optional(Schema.NonEmptyString),
  /** GitHub login. */
  github: Schema.optional(Schema.NonEmptyString),
  /** Operating system user. It identifies a person only as far as the machine does. */
  os: Schema.optional(Schema.NonEmptyString)
})
export type Person = typeof Person.Type

/** A key that no action touches. */
const Protection = Schema.Struct({
  key: Schema.optional(KeyId),
  /** Glob over the whole name. */
  name: Schema.optional(Schema.NonEmptyString),
  /** From this moment on the key is not protected any more. */
  until: Schema.optional(Schema.DateTimeUtc),
  why: Schema.optional(Schema.String)
}).pipe(Schema.filter((it) => it.key !== undefined || it.name !== undefined || "needs a key or a name"))

/** `keysweep.yaml`. Unknown fields are refused: a misspelt rule must not look like a rule. */
const Content = Schema.Struct({
  people: Schema.optionalWith(Schema.Array(Person), { default: () => [] }),
  /** How many other people must approve, by action. */
  approvals: Schema.optionalWith(
    Schema.partial(Schema.Record({ key: Action, value: Schema.Int.pipe(Schema.between(0, 10)) })),
    { default: () => ({}) }
  ),
  protected: Schema.optionalWith(Schema.Array(Protection), { default: () => [] }),
  backup: Schema.optionalWith(
    Schema.Struct({ recipients: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => [] }) }),
    { default: () => ({ recipients: [] }) }
  )
}).annotations({ identifier: "Settings", parseOptions: { onExcessProperty: "error", errors: "all" } })

/** The settings and where they came from. Without a file: no rules beyond those that always hold. */
export class Settings extends Context.Tag("@keysweep/revocation/Settings")<
  Settings,
  typeof Content.Type & { readonly source: { readonly file: string; readonly digest: string } | null }
>() {
  static readonly none: typeof Settings.Service = { ...Schema.decodeSync(Content)({}), source: null }
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

export const parseSettings = (file: string, text: string): Either.Either<typeof Settings.Service, SettingsRefused> =>
  Either.gen(function* () {
    const document = yield* Either.mapLeft(
      yamlDocument(text),
      (problem) => new SettingsRefused({ file, problems: [problem] })
    )
    const content = yield* Either.mapLeft(
      Schema.decodeUnknownEither(Content)(document ?? {}),
      (error) => new SettingsRefused({ file, problems: problemsOf(error) })
    )
    return { ...content, source: { file, digest: digestOf(Schema.encodeSync(Content)(content)) } }
  })

const problemsOf = (error: ParseResult.ParseError): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(
    ({ message, path }) => `${path.join(".") || "the file"}: ${message}`
  )

/** Why a key is protected now, or nothing. */
export const protectionOf = (
  settings: typeof Settings.Service,
  key: { readonly id: KeyId; readonly name: string },
  now: DateTime.Utc
): string | null => {
  const rule = settings.protected.find(
    (it) =>
      (it.until === undefined || DateTime.greaterThan(it.until, now)) &&
      (it.key === undefined || it.key === key.id) &&
      (it.name === undefined || matchesName(it.name, key.name))
  )
  return rule === undefined ? null : (rule.why ?? `by ${rule.key ?? `name ${rule.name ?? ""}`}`)
}

/** The person behind an actor (`slack:U024BE7LH`, `github:octocat`, `os:alice`), if the settings name one. */
export const personOf = (settings: typeof Settings.Service, actor: Actor): Person | null => {
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
  return known ?? null
}
