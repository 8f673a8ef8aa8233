import { RunId } from "@keysweep/audit/RunId"
import { withoutSecrets } from "@keysweep/core/SafeText"
import type { Action } from "@keysweep/revocation/Action"
import { parseDuration } from "@keysweep/revocation/DurationText"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import type { Selector } from "@keysweep/revocation/Selection"
import { type Duration, Either, Schema } from "effect"

/** What somebody wants who typed a slash command. */
export type Intent =
  | { readonly _tag: "Help" }
  | { readonly _tag: "List" }
  | { readonly _tag: "Plan"; readonly request: PlanRequest }
  /** A plan that takes a run back. */
  | { readonly _tag: "Undo"; readonly run: RunId; readonly reason: string | null; readonly override: boolean }

/** What was typed cannot be understood, or must not be typed. Nothing was done. */
export class NotUnderstood extends Schema.TaggedError<NotUnderstood>()("NotUnderstood", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** The text behind `/keysweep`. Every action begins with a plan, so the word `plan` in front of it changes nothing. */
export const parseIntent = (text: string): Either.Either<Intent, NotUnderstood> => {
  const typed = typedText(text)
  if (withoutSecrets(typed) !== typed) {
    return refuse(`A secret does not belong into a command. Name the key by its id: ${withoutSecrets(typed)}`)
  }
  const [first = "help", ...rest] = words(typed)
  switch (first) {
    case "help":
      return Either.right({ _tag: "Help" })
    case "list":
      return rest.length === 0 ? Either.right({ _tag: "List" }) : refuse("list takes nothing else.")
    case "plan":
      return rest[0] === undefined
        ? refuse("plan needs to know what for: plan delete …, plan disable …")
        : planned(rest[0], rest.slice(1))
    case "undo":
      return undone(rest)
    default:
      return planned(first, rest)
  }
}

/** The buttons of a plan's message. */
export const Press = Schema.Literal("confirm", "approve", "cancel")
export type Press = typeof Press.Type

const planned = (verb: string, rest: ReadonlyArray<string>): Either.Either<Intent, NotUnderstood> => {
  const action = actionOf(verb)
  if (action === undefined) return refuse(`I do not know ${verb}. /keysweep help says what I know.`)
  return Either.flatMap(
    selection(rest),
    ({ override, reason, selector, soak }): Either.Either<Intent, NotUnderstood> => {
      const wanted = { action, reason, ...soak, ...(override ? { override } : {}) }
      if (action !== "delete-all") return Either.right({ _tag: "Plan", request: { ...wanted, selector } })
      return Object.keys(selector).length > 0
        ? refuse("delete-all means every key of the account and takes no selector. To delete some keys: delete …")
        : Either.right({ _tag: "Plan", request: wanted })
    }
  )
}

/** `run_… reason:"why"`. */
const undone = ([run = "", ...rest]: ReadonlyArray<string>): Either.Either<Intent, NotUnderstood> =>
  isRunId(run)
    ? Either.flatMap(selection(rest), ({ override, reason, selector, soak }): Either.Either<Intent, NotUnderstood> =>
        Object.keys({ ...selector, ...soak }).length > 0
          ? refuse("undo takes a run and a reason, nothing else.")
          : Either.right({ _tag: "Undo", run, reason, override })
      )
    : refuse("undo needs the run that it takes back: undo run_…; the run's message names it.")

const isRunId = Schema.is(RunId)

const actionOf = (verb: string): Action | undefined => {
  switch (verb) {
    case "disable":
    case "enable":
    case "delete":
    case "delete-all":
      return verb
    default:
      return undefined
  }
}

interface Selected {
  readonly selector: Selector
  readonly reason: string | null
  readonly override: boolean
  readonly soak: Pick<PlanRequest, "thenDelete">
}

/**
 * `key:kf_… name:ci-* expired disabled all reason:"why" override then-delete after:30d`: kinds narrow one another, values
 * of one kind are alternatives.
 */
const selection = (typed: ReadonlyArray<string>): Either.Either<Selected, NotUnderstood> => {
  const keys: Array<string> = []
  const names: Array<string> = []
  const flags = new Set<string>()
  let reason: string | null = null
  let after: Duration.Duration | null = null
  for (const word of typed) {
    const [, kind = word, value = ""] = /^(key|name|reason|after):(.*)$/s.exec(word) ?? []
    if (kind !== word && value === "") return refuse(`${kind}: needs something after the colon.`)
    if (kind === "reason" && reason !== null) return refuse("There are two reasons; say one.")
    if (kind === "after") {
      if (after !== null) return refuse("There are two times after which to delete; say one.")
      const time = parseDuration(value)
      if (Either.isLeft(time)) return refuse(`after: is ${time.left}.`)
      after = time.right
    } else if (kind !== word) {
      if (kind === "key") keys.push(value)
      else if (kind === "name") names.push(value)
      else reason = value
    } else if (
      word === "expired" ||
      word === "disabled" ||
      word === "all" ||
      word === "override" ||
      word === "then-delete"
    ) {
      flags.add(word)
    } else {
      return refuse(
        `I do not know ${word}. Select with key:…, name:…, expired, disabled or all; say why with reason:"…"`
      )
    }
  }
  if (after !== null && !flags.has("then-delete")) {
    return refuse("after: says how long keys soak before they are deleted; then-delete is missing.")
  }
  return Either.right({
    reason,
    soak: flags.has("then-delete") ? { thenDelete: { after } } : {},
    override: flags.has("override"),
    selector: {
      ...(keys.length > 0 ? { keys } : {}),
      ...(names.length > 0 ? { names } : {}),
      ...(flags.has("disabled") ? { states: ["disabled"] } : {}),
      ...(flags.has("expired") ? { expired: true } : {}),
      ...(flags.has("all") ? { all: true } : {})
    }
  })
}

/** What the person typed: Slack escapes three characters, and its apps make quotation marks curly. */
const typedText = (text: string): string =>
  text
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim()

/** Words as typed; a quoted part may hold spaces and loses its quotation marks. */
const words = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(([word]) => word.replaceAll('"', ""))

const refuse = (detail: string): Either.Either<never, NotUnderstood> => Either.left(new NotUnderstood({ detail }))
