import { RunId } from "@keysweep/audit/RunId"
import { withoutSecrets } from "@keysweep/core/SafeText"
import type { Action } from "@keysweep/revocation/Action"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import { type DateTime, Either, Schema } from "effect"
import { type Fields, fieldsOf, narrowingOf, NotUnderstood, selectorOf, soakOf, typedWords } from "./IntentFields.ts"
import { elsewhereText, unknownVerb } from "./Verbs.ts"

/** What somebody wants who typed a slash command. */
export type Intent =
  | { readonly _tag: "Menu" }
  | { readonly _tag: "Help"; readonly topic: string | null }
  | { readonly _tag: "List" }
  | { readonly _tag: "Show"; readonly key: string }
  | { readonly _tag: "Audit" }
  | { readonly _tag: "Runs"; readonly run: RunId | null }
  | { readonly _tag: "Log" }
  | { readonly _tag: "Verify"; readonly anchor: string | null }
  | { readonly _tag: "Plan"; readonly request: PlanRequest }
  | { readonly _tag: "Undo"; readonly run: RunId; readonly reason: string | null; readonly override: boolean }
  | { readonly _tag: "Resume"; readonly run: RunId | null }
  | { readonly _tag: "Panic"; readonly reason: string | null }
  | { readonly _tag: "Approve"; readonly plan: string | null }
  | { readonly _tag: "Hold"; readonly lift: boolean; readonly target: HoldWish; readonly reason: string }

/** A key as it was typed, the beginning of a plan's hash, or the whole account. */
export type HoldWish =
  | { readonly of: "key"; readonly literal: string }
  | { readonly of: "plan"; readonly hash: string }
  | { readonly of: "account" }

type Read = Either.Either<Intent, NotUnderstood>

/** The text behind `/keysweep`. */
export const parseIntent = (text: string, now: DateTime.Utc): Read => intentOf(typedWords(text), now)

/** The same, word by word. Every action begins with a plan, so the word `plan` in front of it changes nothing. */
export const intentOf = (words: ReadonlyArray<string>, now: DateTime.Utc): Read => {
  const typed = words.join(" ")
  if (withoutSecrets(typed) !== typed) {
    return refuse(`A secret does not belong into a command. Name the key by its id: ${withoutSecrets(typed)}`)
  }
  const [verb, ...rest] = words
  const [first, second] = rest
  switch (verb) {
    case undefined:
      return Either.right({ _tag: "Menu" })
    case "help":
      return Either.right({ _tag: "Help", topic: first ?? null })
    case "list":
      return rest.length === 0 ? Either.right({ _tag: "List" }) : refuse("list takes nothing else.")
    case "audit":
      return rest.length === 0 ? Either.right({ _tag: "Audit" }) : refuse("audit takes nothing else.")
    case "show":
      return first === undefined || second !== undefined
        ? refuse("show takes one key: show staging, or show kf_…; quote a name with spaces.")
        : Either.right({ _tag: "Show", key: first.replace(/^key:/, "") })
    case "runs":
      return first === undefined
        ? Either.right({ _tag: "Runs", run: null })
        : Either.map(runOf("runs", rest), (run) => ({ _tag: "Runs", run }))
    case "log":
      if (first === undefined) return Either.right({ _tag: "Log" })
      return first === "verify" && rest.length <= 2
        ? Either.right({ _tag: "Verify", anchor: second ?? null })
        : refuse("log shows the latest records; log verify checks all of them, log verify ANCHOR against a receipt.")
    case "plan":
      return first === undefined
        ? refuse("plan needs to know what for: plan delete …, plan disable …")
        : planned(first, rest.slice(1), now)
    case "undo":
      return undone(rest)
    case "resume":
      return first === undefined
        ? Either.right({ _tag: "Resume", run: null })
        : Either.map(runOf("resume", rest), (run) => ({ _tag: "Resume", run }))
    case "panic":
      return Either.gen(function* () {
        return { _tag: "Panic", reason: yield* reasonOf(yield* fieldsOf(rest, ["reason"], [])) } as const
      })
    case "approve":
      return approved(rest)
    case "hold":
    case "release":
      return held(verb, rest)
    default:
      return planned(verb, rest, now)
  }
}

/** The buttons of a plan's message. */
export const Press = Schema.Literal("confirm", "approve", "cancel")
export type Press = typeof Press.Type

const which = ["key", "name", "owner", "idle", "after", "reason"]
const narrow = ["addresses", "models", "expires", "budget", "limit"]
const conditions = ["expired", "disabled", "unused", "all", "override", "then-delete"]

const planned = (verb: string, rest: ReadonlyArray<string>, now: DateTime.Utc): Read => {
  const action = actionOf(verb)
  if (action === undefined) return refuse(elsewhereText(verb) ?? unknownVerb(verb))
  return Either.gen(function* () {
    const fields = yield* fieldsOf(rest, action === "contain" ? [...which, ...narrow] : which, conditions)
    const selector = yield* selectorOf(fields)
    const wanted = {
      action,
      reason: yield* reasonOf(fields),
      ...(yield* soakOf(fields)),
      ...(fields.flags.has("override") ? { override: true } : {}),
      ...(action === "contain" ? { narrow: yield* narrowingOf(fields, now) } : {})
    }
    if (action !== "delete-all") return { _tag: "Plan", request: { ...wanted, selector } } as const
    return Object.keys(selector).length > 0
      ? yield* refuse("delete-all means every key of the account and takes no selector. To delete some keys: delete …")
      : ({ _tag: "Plan", request: wanted } as const)
  })
}

const actionOf = (verb: string): Action | undefined => {
  switch (verb) {
    case "disable":
    case "enable":
    case "contain":
    case "delete":
    case "delete-all":
      return verb
    default:
      return undefined
  }
}

const undone = ([run, ...rest]: ReadonlyArray<string>): Read =>
  Either.gen(function* () {
    const id = yield* runOf("undo", run === undefined ? [] : [run])
    const fields = yield* fieldsOf(rest, ["reason"], ["override"])
    const reason = yield* reasonOf(fields)
    return { _tag: "Undo", run: id, reason, override: fields.flags.has("override") } as const
  })

const approved = (rest: ReadonlyArray<string>): Read => {
  const [plan, more] = rest
  if (plan === undefined) return Either.right({ _tag: "Approve", plan: null })
  const hash = plan.replace(/^plan:/, "")
  return isHash(hash) && more === undefined
    ? Either.right({ _tag: "Approve", plan: hash })
    : refuse("approve takes one plan, by the first 12 digits of its hash as its message shows them, or nothing.")
}

const held = (verb: "hold" | "release", rest: ReadonlyArray<string>): Read =>
  Either.gen(function* () {
    const fields = yield* fieldsOf(rest, ["key", "plan", "reason"], ["account"])
    const [keys, plans] = [fields.values("key"), fields.values("plan")]
    const targets: ReadonlyArray<HoldWish> = [
      ...keys.map((literal) => ({ of: "key", literal }) as const),
      ...plans.map((hash) => ({ of: "plan", hash }) as const),
      ...(fields.flags.has("account") ? [{ of: "account" } as const] : [])
    ]
    const [target, second] = targets
    if (target === undefined || second !== undefined || !plans.every(isHash)) {
      return yield* refuse(`${verb} takes one thing: key:…, plan: and 12 digits of its hash, or the word account.`)
    }
    const reason = yield* reasonOf(fields)
    if (reason === null) return yield* refuse(`A ${verb} says why: reason:"…" is missing.`)
    return { _tag: "Hold", lift: verb === "release", target, reason } as const
  })

const isHash = (text: string): boolean => /^[0-9a-f]{12,64}$/.test(text)

const reasonOf = (fields: Fields): Either.Either<string | null, NotUnderstood> => {
  const [reason = null, second] = fields.values("reason")
  return second === undefined ? Either.right(reason) : refuse("There are two reasons; say one.")
}

const runOf = (verb: string, [run, more]: ReadonlyArray<string>): Either.Either<RunId, NotUnderstood> =>
  more === undefined && Schema.is(RunId)(run)
    ? Either.right(run)
    : refuse(`${verb} takes the id of one run, run_…: /keysweep runs shows them.`)

const refuse = (detail: string): Either.Either<never, NotUnderstood> => Either.left(new NotUnderstood({ detail }))
