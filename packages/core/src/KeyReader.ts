import { Context, type DateTime, Effect, Either, Layer, Schema } from "effect"
import type { AccountId } from "./Account.ts"
import { Account, accountIdOf } from "./Account.ts"
import { AccountMemory, type KnownAccount } from "./AccountMemory.ts"
import { type ApiError, RouteMissing, UnexpectedResponse } from "./ApiError.ts"
import { calls } from "./Calls.ts"
import type { Dialect } from "./Dialect.ts"
import { addressKey } from "./KeyRoute.ts"
import type { PacerError } from "./Pacer.ts"
import { type KeyId, keyIdOf, type ProxyKey, type ProxyKeySecret } from "./ProxyKey.ts"
import { repeatable, settling } from "./RetryPolicy.ts"
import { decodeReply, Transport } from "./Transport.ts"
import { decodeHeldKey, type HeldKey } from "./Wire.ts"

/** One complete reading of an account's keys; the secrets stand apart, so that keys can go anywhere. */
export interface KeyListing {
  readonly keys: ReadonlyArray<ProxyKey>
  readonly secrets: ReadonlyMap<KeyId, ProxyKeySecret>
  /** What is wrong with records that could not be read, by position. Not empty: the reading is partial. */
  readonly unreadable: ReadonlyArray<{ readonly position: number; readonly problem: string }>
  /** The upstream's clock when it answered, in whole seconds (RFC 9110, `Date`); `null` where it did not say. */
  readonly answeredAt: DateTime.Utc | null
}

export type ReadError = ApiError | PacerError

/**
 * The client that cannot write. Every call is a read and is repeated when no answer came (`RetryPolicy.repeatable`).
 */
export class KeyReader extends Context.Tag("@keysweep/core/KeyReader")<
  KeyReader,
  {
    /** Every key of the account, in the upstream's order. Source: `proxy-keys`; there is no pagination. */
    readonly list: Effect.Effect<KeyListing, ReadError>
    /** One key as it is now. `KeyNotFound`: unknown or deleted. `Forbidden`: another account's. Source: `proxy-lookup`. */
    readonly lookup: (dialect: Dialect, secret: ProxyKeySecret) => Effect.Effect<HeldKey, ReadError>
    /**
     * The account's id and dialect: remembered, or found out with one lookup of a key that the listing has just shown.
     * An account without keys has the id over its master key, and no dialect yet.
     */
    readonly identify: (listing: KeyListing) => Effect.Effect<Identity, ReadError>
  }
>() {
  static readonly layer = Layer.effect(
    KeyReader,
    Effect.gen(function* () {
      const account = yield* Account
      const memory = yield* AccountMemory
      const transport = yield* Transport

      const list = Effect.suspend(() =>
        transport.send({ call: "list", route: calls.list.routes.static, path: calls.list.routes.static.path })
      ).pipe(
        Effect.flatMap((exchange) =>
          Effect.map(decodeReply(Schema.Array(Schema.Unknown))(exchange), (records) =>
            listingOf(records, exchange.date)
          )
        ),
        Effect.retry(repeatable),
        Effect.withSpan("KeyReader.list")
      )

      const lookupOnce = (dialect: Dialect, secret: ProxyKeySecret): Effect.Effect<HeldKey, ReadError> =>
        addressKey(calls.lookup, dialect, secret).pipe(
          Effect.flatMap(transport.send),
          Effect.flatMap((exchange) =>
            Effect.flatMap(decodeReply(Schema.Unknown)(exchange), (wire) =>
              decodeHeldKey(wire).pipe(
                Either.filterOrLeft(
                  (held) => held.key.id === keyIdOf(secret),
                  () => "the answer is about another key"
                ),
                Either.mapLeft((detail) => new UnexpectedResponse({ call: "lookup", status: exchange.status, detail }))
              )
            )
          )
        )

      const lookup = Effect.fn("KeyReader.lookup")((dialect: Dialect, secret: ProxyKeySecret) =>
        Effect.retry(lookupOnce(dialect, secret), settling)
      )

      const probe = (secret: ProxyKeySecret): Effect.Effect<KnownAccount, ReadError> => {
        const known = (dialect: Dialect) => (held: HeldKey) => ({
          account: held.userId === null ? account.credential : accountIdOf(held.userId),
          dialect,
          baseUrl: account.baseUrl
        })
        const byBody = Effect.map(lookup("static", secret), known("static"))
        const byPath = Effect.map(lookup("path", secret), known("path"))
        switch (account.dialect) {
          case "static":
            return Effect.catchIf(byBody, isNoRoute, () => Effect.fail(wrongDialect("static")))
          case "path":
            return Effect.catchIf(byPath, isNoRoute, () => Effect.fail(wrongDialect("path")))
          case "auto":
            return byBody.pipe(
              Effect.catchIf(isNoRoute, () => byPath),
              Effect.catchIf(isNoRoute, () => Effect.fail(neither))
            )
        }
      }

      const identify = Effect.fn("KeyReader.identify")(function* (listing: KeyListing) {
        const remembered = yield* memory.get(account.credential)
        const holds =
          remembered !== null &&
          remembered.baseUrl === account.baseUrl &&
          (account.dialect === "auto" || account.dialect === remembered.dialect)
        if (holds) return identityOf(remembered)
        const first = listing.secrets.values().next()
        if (first.done === true) return { account: remembered?.account ?? account.credential, dialect: null }
        const found = yield* probe(first.value)
        yield* memory.set(account.credential, found)
        return identityOf(found)
      })

      return KeyReader.of({ list, lookup, identify })
    })
  )
}

export interface Identity {
  readonly account: AccountId
  readonly dialect: Dialect | null
}

const identityOf = ({ account, dialect }: KnownAccount): Identity => ({ account, dialect })

const listingOf = (records: ReadonlyArray<unknown>, answeredAt: KeyListing["answeredAt"]): KeyListing => {
  const keys: Array<ProxyKey> = []
  const secrets = new Map<KeyId, ProxyKeySecret>()
  const unreadable: Array<{ position: number; problem: string }> = []
  for (const [position, record] of records.entries()) {
    const held = decodeHeldKey(record)
    if (held._tag === "Left") unreadable.push({ position, problem: held.left })
    else if (secrets.has(held.right.key.id)) unreadable.push({ position, problem: "the same key twice" })
    else {
      keys.push(held.right.key)
      secrets.set(held.right.key.id, held.right.secret)
    }
  }
  return { keys, secrets, unreadable, answeredAt }
}

/**
 * A server without the route, and an edge or router that does not like the form of the request, all say it their way.
 * A success that makes no sense is not among them: that route exists.
 */
const isNoRoute = (error: ReadError): boolean => {
  switch (error._tag) {
    case "KeyNotFound":
    case "RouteMissing":
    case "InvalidRequest":
      return true
    case "UnexpectedResponse":
      return error.status >= 300
    case "ApiUnavailable":
      return error.reason === "edge"
    default:
      return false
  }
}

const wrongDialect = (forced: Dialect): RouteMissing =>
  new RouteMissing({
    call: "lookup",
    detail: `the server does not answer the ${forced} dialect, which the settings force; nothing was changed. Set the dialect to auto, or to ${forced === "static" ? "path" : "static"}.`
  })

const neither = new RouteMissing({
  call: "lookup",
  detail:
    "the server answers neither dialect for a key that it has just listed; nothing was changed. If the key was deleted meanwhile, try again; else check the base URL."
})
