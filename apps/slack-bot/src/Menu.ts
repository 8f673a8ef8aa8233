import { LimitType } from "@keysweep/core/KeySettings"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { type DateTime, Either, Schema } from "effect"
import { type Block, type Modal, plain } from "./Blocks.ts"
import { type Choice, choiceField, keysField, textField, tickField } from "./Fields.ts"
import { type Intent, intentOf } from "./Intent.ts"
import { typedWords } from "./IntentFields.ts"
import { verbs } from "./Verbs.ts"

/** What the forms of `/keysweep` keep while somebody fills them in. */
export interface MenuSubject {
  readonly channel: string
  readonly responseUrl: string
  /** What was chosen; nothing yet. */
  readonly verb: string | null
}

const Subject = Schema.parseJson(
  Schema.Struct({ channel: Schema.String, responseUrl: Schema.String, verb: Schema.NullOr(Schema.String) })
)
const encode = Schema.encodeSync(Subject)
export const menuSubject = Schema.decodeUnknownOption(Subject)

/** What stood in each field of a form. */
export type Filled = Readonly<Record<string, ReadonlyArray<string>>>

/** What can be chosen, and what each needs to know. */
const fields = {
  list: [],
  show: ["keys"],
  audit: [],
  runs: [],
  log: [],
  "log verify": ["anchor"],
  disable: ["keys", "which", "reason", "override"],
  soak: ["keys", "which", "after", "reason", "override"],
  enable: ["keys", "which", "reason", "override"],
  contain: ["keys", "which", "addresses", "models", "expires", "budget", "limit", "reason", "override"],
  delete: ["keys", "which", "reason", "override"],
  "delete-all": ["reason", "override"],
  panic: ["why"],
  undo: ["run", "reason", "override"],
  resume: ["run"],
  approve: [],
  hold: ["held", "plan", "account", "reason"],
  release: ["held", "plan", "account", "reason"]
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

export type MenuVerb = keyof typeof fields
type Field = (typeof fields)[MenuVerb][number]

export const isMenuVerb = (verb: string | null | undefined): verb is MenuVerb =>
  verb !== null && verb !== undefined && Object.hasOwn(fields, verb)

/** Whether a form must be filled in, or it is answered at once. */
export const needsForm = (verb: MenuVerb): boolean => fields[verb].length > 0

/** Whether the form names runs of the log, which has to be read for it. */
export const namesRuns = (verb: MenuVerb): boolean => verb === "undo" || verb === "resume"

export const menuVerbs = Object.keys(fields).filter(isMenuVerb)

/** The first form: what is to be done. */
export const menuModal = (subject: Omit<MenuSubject, "verb">): Modal => ({
  id: "menu",
  subject: encode({ ...subject, verb: null }),
  title: "Keysweep",
  submit: "Next",
  close: "Close",
  blocks: [
    choiceField(
      { id: "verb", label: "What is to be done?", hint: "An action begins with a plan, which changes nothing." },
      menuVerbs.map((verb) => ({ text: `${verbText(verb)}: ${aboutText(verb)}`, value: verb }))
    )
  ]
})

/** The second: to which keys, and why. `runs` are those of the log, for the verbs that name one. */
export const verbModal = (subject: MenuSubject, verb: MenuVerb, runs: ReadonlyArray<Choice> = []): Modal => ({
  id: "verb",
  subject: encode({ ...subject, verb }),
  title: titleOf(verb),
  submit: "Next",
  close: "Close",
  blocks: fields[verb].map((field) => blockOf(field, verb, runs))
})

/** While something is read: Slack waits three seconds for an answer, and a reading may take longer. */
export const busyModal = (verb: MenuVerb): Modal => shownModal(verb, [plain("Reading the account …")])

/** There is nothing to send any more. */
export const shownModal = (verb: MenuVerb, blocks: ReadonlyArray<Block>): Modal => ({
  id: "shown",
  subject: "",
  title: titleOf(verb),
  submit: null,
  close: "Close",
  blocks
})

/** What the form comes to, as if it had been typed; or what is wrong with it, by its fields. */
export const filledIntent = (
  verb: MenuVerb,
  filled: Filled,
  now: DateTime.Utc
): Either.Either<Intent, Readonly<Record<string, string>>> => {
  const named: ReadonlyArray<Field> = fields[verb]
  const secret = named.find((field) => idOf(field) in filled && valuesOf(filled, field).some(isSecret))
  if (secret !== undefined)
    return Either.left({ [idOf(secret)]: "A secret does not belong here. Name the key by its id, kf_…." })
  const isEmpty = (field: Field) => valuesOf(filled, field).length === 0
  if (named.includes("which") && isEmpty("keys") && isEmpty("which"))
    return Either.left({ keys: "Choose keys, or say below which." })
  const missing = named.find((field) => required.includes(field) && isEmpty(field))
  if (missing !== undefined) return Either.left({ [idOf(missing)]: "This is missing." })
  return Either.mapLeft(
    intentOf([...verbWords(verb), ...named.flatMap((field) => wordsFrom(field, verb, valuesOf(filled, field)))], now),
    ({ detail }) => ({ [blamed(detail, named)]: detail })
  )
}

const isSecret = (text: string): boolean => withoutSecrets(text) !== text

/** Fields of two verbs may differ in whether they may stay empty, and come back by the same name. */
const idOf = (field: Field): string => {
  switch (field) {
    case "held":
      return "keys"
    case "why":
      return "reason"
    default:
      return field
  }
}

const required: ReadonlyArray<Field> = ["reason", "run"]

const valuesOf = (filled: Filled, field: Field): ReadonlyArray<string> =>
  (filled[idOf(field)] ?? []).map((value) => value.trim()).filter(Boolean)

const verbWords = (verb: MenuVerb): ReadonlyArray<string> =>
  verb === "soak" ? ["disable", "then-delete"] : verb.split(" ")

/** The words that the field stands for. Each is one, whatever is in it. */
const wordsFrom = (field: Field, verb: MenuVerb, values: ReadonlyArray<string>): ReadonlyArray<string> => {
  switch (field) {
    case "keys":
    case "held":
      return values.map((id) => (verb === "show" ? id : `key:${id}`))
    case "which":
      return values.flatMap(typedWords)
    case "anchor":
    case "run":
    case "override":
    case "account":
      return values
    default:
      return values.map((value) => `${idOf(field)}:${value}`)
  }
}

/** The field that a refusal is about: it begins with its name, or it is about what was written in words. */
const blamed = (detail: string, named: ReadonlyArray<Field>): string => {
  const kind = /^([a-z]+):/.exec(detail)?.[1]
  const about = named.find((field) => idOf(field) === kind)
  return idOf(about ?? named.find((field) => field === "which") ?? named[0] ?? "keys")
}

const blockOf = (field: Field, verb: MenuVerb, runs: ReadonlyArray<Choice>): Block => {
  const words = wordsOf(field)
  switch (field) {
    case "keys":
      return keysField(
        verb === "show" ? { ...words, optional: false, label: "Key" } : words,
        verb === "show" ? 1 : Number.POSITIVE_INFINITY
      )
    case "held":
      return keysField(words, 1)
    case "override":
      return tickField(words, "Lift the checks that the settings allow to be lifted")
    case "account":
      return tickField(words, "The whole account")
    case "limit":
      return choiceField(
        words,
        LimitType.literals.map((value) => ({ text: value, value }))
      )
    case "run":
      return choiceField(words, runs)
    default:
      return textField(words)
  }
}

const wordsOf = (field: Field) => {
  const words = (label: string, hint?: string) => ({
    id: idOf(field),
    label,
    optional: !required.includes(field),
    ...(hint === undefined ? {} : { hint })
  })
  switch (field) {
    case "keys":
      return words("Keys")
    case "held":
      return words("Key")
    case "which":
      return words("Which", "name:ci-*, owner:…, expired, disabled, unused, idle:30d or all; narrows the keys above")
    case "after":
      return words("Delete after", "30d or 12h; as the settings say where it is empty")
    case "addresses":
      return words("Addresses", "10.0.0.0/8, 192.0.2.7")
    case "models":
      return words("Models")
    case "expires":
      return words("Expires", "7d, or 2026-12-31T18:00:00Z")
    case "budget":
      return words("Budget", "credits")
    case "limit":
      return words("Limit", "in which time the budget may be spent; an update replaces it, so say which it is to be")
    case "plan":
      return words("Plan", "instead of a key: the first 12 digits of its hash")
    case "account":
      return words("Account")
    case "override":
      return words("Override")
    case "anchor":
      return words("Anchor", "of a receipt; without one, only the log's own chain is checked")
    case "run":
      return words("Run")
    case "reason":
    case "why":
      return words("Reason")
  }
}

const verbText = (verb: MenuVerb): string => (verb === "soak" ? "disable, then delete" : verb)

const aboutText = (verb: MenuVerb): string => {
  switch (verb) {
    case "soak":
      return "they soak first"
    case "disable":
      return "stops keys; enable takes it back"
    case "log verify":
      return "whether the record is whole"
    case "approve":
      return "what waits for a yes"
    default:
      return verbs.find(({ name }) => name === verb)?.about ?? ""
  }
}

const titleOf = (verb: MenuVerb): string => verbText(verb).replace(/^./, (letter) => letter.toUpperCase())
