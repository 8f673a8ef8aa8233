import { ParseResult, Schema } from "effect"
import { resolve } from "node:path"

/**
 * A place for a new value, as a person writes it and as plan and log keep it. It holds no secret. `{NAME}` stands for the
 * key's name in capitals, so that one target serves several keys.
 *
 * - `dotenv:FILE#VARIABLE`
 * - `github:OWNER/REPO#SECRET`, `github:OWNER/REPO/environments/NAME#SECRET`, `github:orgs/ORG#SECRET`
 * - `age:FILE#RECIPIENT,RECIPIENT`
 * - `command:["PROGRAM","ARGUMENT"]`
 * - `terminal`
 */
export type SinkTarget =
  | { readonly kind: "dotenv"; readonly file: string; readonly variable: string }
  | { readonly kind: "github"; readonly place: string; readonly secret: string }
  | { readonly kind: "age"; readonly file: string; readonly recipients: ReadonlyArray<string> }
  | { readonly kind: "command"; readonly argv: ReadonlyArray<string> }
  | { readonly kind: "terminal" }

export const sinkText = (target: SinkTarget): string => {
  switch (target.kind) {
    case "dotenv":
      return `dotenv:${target.file}#${target.variable}`
    case "github":
      return `github:${target.place}#${target.secret}`
    case "age":
      return `age:${target.file}#${target.recipients.join(",")}`
    case "command":
      return `command:${JSON.stringify(target.argv)}`
    case "terminal":
      return "terminal"
  }
}

/** The failure says what would be right. Paths become absolute, so that a plan means the same from every folder. */
export const SinkText: Schema.Schema<SinkTarget, string> = Schema.transformOrFail(
  Schema.String,
  Schema.declare((input): input is SinkTarget => typeof input === "object" && input !== null && "kind" in input),
  {
    strict: true,
    decode: (text, _options, ast) => {
      const target = targetOf(text)
      return typeof target === "string"
        ? ParseResult.fail(new ParseResult.Type(ast, text, target))
        : ParseResult.succeed(target)
    },
    encode: (target) => ParseResult.succeed(sinkText(target))
  }
).annotations({ identifier: "Sink" })

const targetOf = (text: string): SinkTarget | string => {
  if (text === "terminal") return { kind: "terminal" }
  const colon = text.indexOf(":")
  const kind = text.slice(0, Math.max(0, colon))
  const rest = text.slice(colon + 1)
  const hash = rest.lastIndexOf("#")
  const place = hash === -1 ? rest : rest.slice(0, hash)
  const name = hash === -1 ? "{NAME}" : rest.slice(hash + 1)
  switch (kind) {
    case "dotenv":
      return place !== "" && variable.test(name)
        ? { kind, file: resolve(place), variable: name }
        : "a file and a variable: dotenv:FILE#VARIABLE"
    case "github":
      return githubPlace.test(place) && variable.test(name) && !/^GITHUB_/i.test(name)
        ? { kind, place, secret: name }
        : "a repository, one of its environments or an organisation, and a secret that does not begin with GITHUB_: github:OWNER/REPO#SECRET"
    case "age": {
      const recipients = hash === -1 ? [] : name.split(",")
      return place !== "" && recipients.length > 0 && recipients.every((it) => /^age1[a-z0-9]+$/.test(it))
        ? { kind, file: resolve(place), recipients }
        : "a file and recipients: age:FILE#age1…"
    }
    case "command": {
      const argv = Schema.decodeUnknownOption(Argv)(rest)
      return argv._tag === "Some" ? { kind, argv: argv.value } : 'a list of words: command:["PROGRAM","ARGUMENT"]'
    }
    default:
      return "dotenv:, github:, age: or command:"
  }
}

const variable = /^(?:[A-Za-z_]|\{NAME\})(?:[A-Za-z0-9_]|\{NAME\}){0,200}$/
const githubPlace = /^(?:orgs\/[\w.-]+|[\w.-]+\/[\w.-]+(?:\/environments\/[^#\p{Cc}]+)?)$/u
const Argv = Schema.parseJson(Schema.NonEmptyArray(Schema.String)).pipe(
  Schema.filter((argv) => argv[0] !== "" && !argv.some((word) => word.includes("\0")))
)

/** The target for one key: every `{NAME}` filled in, in letters, digits and `_` only, whatever the key is called. */
export const sinkFor = (target: SinkTarget, keyName: string): SinkTarget => {
  const name = variableName(keyName)
  const filled = (text: string) => text.replaceAll("{NAME}", name)
  switch (target.kind) {
    case "dotenv":
      return { ...target, file: filled(target.file), variable: filled(target.variable) }
    case "github":
      return { ...target, secret: filled(target.secret) }
    case "age":
      return { ...target, file: filled(target.file) }
    case "command":
      return { ...target, argv: target.argv.map(filled) }
    case "terminal":
      return target
  }
}

/** `ci-runner 2` is `CI_RUNNER_2`. */
export const variableName = (keyName: string): string => {
  const name = keyName
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
  return name === "" ? "KEY" : /^[0-9]/.test(name) ? `_${name}` : name
}

/** The first place that two values would share, so that one would replace the other; `null` where none is. */
export const sharedSink = (
  targets: ReadonlyArray<SinkTarget>,
  keyNames: ReadonlyArray<string>
): { readonly sink: string; readonly names: readonly [string, string] } | null => {
  const taken = new Map<string, string>()
  for (const name of keyNames) {
    for (const target of targets) {
      const filled = sinkFor(target, name)
      const place = placeOf(filled)
      const other = taken.get(place)
      if (target.kind !== "terminal" && other !== undefined) return { sink: sinkText(filled), names: [other, name] }
      taken.set(place, name)
    }
  }
  return null
}

/** What one writing replaces: an age file whole, whoever can open it; GitHub does not tell capitals from small letters. */
const placeOf = (target: SinkTarget): string => {
  switch (target.kind) {
    case "age":
      return `age:${target.file}`
    case "github":
      return sinkText(target).toLowerCase()
    case "dotenv":
    case "command":
    case "terminal":
      return sinkText(target)
  }
}
