import { fromCredits } from "@keysweep/core/Credit"
import { LimitType } from "@keysweep/core/KeySettings"
import type { Narrowing } from "@keysweep/revocation/Contain"
import { parseDuration } from "@keysweep/revocation/DurationText"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import type { Selector } from "@keysweep/revocation/Selection"
import { nearest } from "@keysweep/revocation/Suggest"
import { DateTime, Either, Option, Schema } from "effect"

/** What was typed cannot be understood, or must not be typed. Nothing was done. */
export class NotUnderstood extends Schema.TaggedError<NotUnderstood>()("NotUnderstood", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** `key:kf_… name:ci-* expired reason:"why"`, taken apart. */
export interface Fields {
  readonly values: (kind: string) => ReadonlyArray<string>
  readonly flags: ReadonlySet<string>
}

/** What the person typed, in words; a quoted part may hold spaces and loses its quotation marks. */
export const typedWords = (text: string): ReadonlyArray<string> =>
  [...unescaped(text).matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(([word]) => word.replaceAll('"', ""))

/** Slack escapes three characters, and its apps make quotation marks curly. */
const unescaped = (text: string): string =>
  text
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")

/** Takes only the kinds and words that are known: a misspelt one must not look like one. */
export const fieldsOf = (
  typed: ReadonlyArray<string>,
  kinds: ReadonlyArray<string>,
  words: ReadonlyArray<string>
): Either.Either<Fields, NotUnderstood> => {
  const values = new Map<string, ReadonlyArray<string>>()
  const flags = new Set<string>()
  for (const word of typed) {
    const [, kind = "", value = ""] = /^([a-z]+):(.*)$/s.exec(word) ?? []
    if (kinds.includes(kind)) {
      if (value === "") return refuse(`${kind}: needs something after the colon.`)
      values.set(kind, [...(values.get(kind) ?? []), value])
    } else if (words.includes(word)) flags.add(word)
    else {
      const meant = nearest(kind === "" ? word : kind, [...kinds, ...words])
      const known = [...kinds.map((it) => `${it}:…`), ...words].join(", ")
      return refuse(`I do not know ${word}.${meant === undefined ? "" : ` Did you mean ${meant}?`} I know ${known}.`)
    }
  }
  return Either.right({ values: (kind) => values.get(kind) ?? [], flags })
}

/** Kinds narrow one another, values of one kind are alternatives. */
export const selectorOf = ({ flags, values }: Fields): Either.Either<Selector, NotUnderstood> =>
  Either.gen(function* () {
    const [keys, names, owners] = [values("key"), values("name"), values("owner")]
    const idle = yield* one("idle", values("idle"), (text) => Either.getRight(parseDuration(text)), "30d or 12h")
    return {
      ...(keys.length > 0 ? { keys } : {}),
      ...(names.length > 0 ? { names } : {}),
      ...(owners.length > 0 ? { owners } : {}),
      ...(idle === undefined ? {} : { idle }),
      ...(flags.has("disabled") ? { states: ["disabled"] as const } : {}),
      ...(flags.has("expired") ? { expired: true } : {}),
      ...(flags.has("unused") ? { unused: true } : {}),
      ...(flags.has("all") ? { all: true } : {})
    }
  })

/** Whether keys are deleted after a soak, and after how long: `null` is as the settings say. */
export const soakOf = ({ flags, values }: Fields): Either.Either<Pick<PlanRequest, "thenDelete">, NotUnderstood> =>
  Either.gen(function* () {
    const after = yield* one("after", values("after"), (text) => Either.getRight(parseDuration(text)), "30d or 12h")
    if (flags.has("then-delete")) return { thenDelete: { after: after ?? null } }
    return after === undefined
      ? {}
      : yield* refuse("after: says how long keys soak before they are deleted; then-delete is missing.")
  })

/** What keys are to be narrowed to; whether it narrows anything is not decided here. */
export const narrowingOf = ({ values }: Fields, now: DateTime.Utc): Either.Either<Narrowing, NotUnderstood> =>
  Either.gen(function* () {
    const [addresses, models] = [values("addresses"), values("models")]
    const limit = Schema.decodeUnknownOption(LimitType)
    return {
      addresses: addresses.length === 0 ? undefined : addresses.flatMap(listOf),
      models: models.length === 0 ? undefined : models.flatMap(listOf),
      expiresAt: yield* one("expires", values("expires"), momentOf(now), "7d, or 2026-12-31T18:00:00Z"),
      allocated: yield* one("budget", values("budget"), creditsOf, "a number of credits"),
      limitType: yield* one("limit", values("limit"), (text) => limit(text), LimitType.literals.join(" or "))
    }
  })

const one = <A>(
  kind: string,
  typed: ReadonlyArray<string>,
  read: (text: string) => Option.Option<A>,
  takes: string
): Either.Either<A | undefined, NotUnderstood> => {
  const [text, second] = typed
  if (text === undefined) return Either.right(undefined)
  return second === undefined
    ? Either.fromOption(read(text), () => new NotUnderstood({ detail: `${kind}: takes ${takes}; ${text} is none.` }))
    : refuse(`There are two ${kind}:, say one.`)
}

const creditsOf = (text: string) =>
  /^\d{1,12}(?:\.\d{1,6})?$/.test(text) ? Option.some(fromCredits(Number(text))) : Option.none()

/** A length of time from now, or a moment as RFC 3339. */
const momentOf = (now: DateTime.Utc) => (text: string) =>
  Option.orElse(
    Option.map(Either.getRight(parseDuration(text)), (time) => DateTime.addDuration(now, time)),
    () =>
      /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text)
        ? Option.map(DateTime.make(text), DateTime.toUtc)
        : Option.none()
  )

const listOf = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")

const refuse = (detail: string): Either.Either<never, NotUnderstood> => Either.left(new NotUnderstood({ detail }))
