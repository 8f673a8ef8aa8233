import { Context, Effect, Either, Layer, Schema } from "effect"
import { isInDoubt, UnexpectedResponse } from "./ApiError.ts"
import { calls } from "./Calls.ts"
import { Journal } from "./Journal.ts"
import { KeyReader } from "./KeyReader.ts"
import { isMadeFrom, type NewKey } from "./KeySettings.ts"
import type { WriteError } from "./KeyWriter.ts"
import { outcomeOf } from "./Outcome.ts"
import type { KeyId } from "./ProxyKey.ts"
import { decodeReply, Transport } from "./Transport.ts"
import { decodeHeldKey, type HeldKey, newKeyBody } from "./Wire.ts"

/** A key that a create made: shown by its reply, or found in the list after the reply was lost. */
export interface MadeKey extends HeldKey {
  readonly how: "created" | "adopted"
}

/** Makes keys. It exists only with a journal. */
export class KeyMaker extends Context.Tag("@keysweep/core/KeyMaker")<
  KeyMaker,
  {
    /**
     * Makes one key; it is usable at once, and counts against the plan's cap (`Forbidden` when that is reached).
     *
     * Never repeated, because a second request makes a second key. `before` is every key that a fresh list has just
     * shown: after a lost reply the account is listed again, and the key that was not there before and has the same
     * settings is taken for ours. Where there is no such key, or more than one, it ends in the error that left it in
     * doubt, or in `UnexpectedResponse`, and it is for the caller to list and decide. Creates of one account go one
     * after another. `replaces` is for the record. Source: `proxy-create`.
     */
    readonly create: (key: NewKey, before: ReadonlyArray<KeyId>, replaces?: KeyId) => Effect.Effect<MadeKey, WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    KeyMaker,
    Effect.gen(function* () {
      const journal = yield* Journal
      const reader = yield* KeyReader
      const transport = yield* Transport

      const adopt = (wanted: NewKey, before: ReadonlyArray<KeyId>, lost: WriteError) =>
        Effect.gen(function* () {
          const listing = yield* reader.list
          const ours = listing.keys.filter((key) => !before.includes(key.id) && isMadeFrom(key, wanted))
          const [key] = ours
          const secret = key === undefined ? undefined : listing.secrets.get(key.id)
          if (ours.length > 1 || (key === undefined && listing.unreadable.length > 0)) {
            return yield* new UnexpectedResponse({
              call: "create",
              status: 200,
              detail: `the reply was lost, and ${ours.length} new keys with these settings and ${listing.unreadable.length} unreadable records are listed`
            })
          }
          if (key === undefined || secret === undefined) return yield* lost
          const adopted: MadeKey = { key, secret, userId: null, how: "adopted" }
          return adopted
        })

      const create = Effect.fn("KeyMaker.create")(function* (
        wanted: NewKey,
        before: ReadonlyArray<KeyId>,
        replaces?: KeyId
      ) {
        const intent = {
          call: "create",
          keys: before,
          made: wanted,
          ...(replaces === undefined ? {} : { key: replaces })
        } as const
        const route = calls.create.routes.static
        const outgoing = { call: "create", route, path: route.path, body: newKeyBody(wanted) } as const
        return yield* transport
          .send(outgoing, (exchange) => journal.attempt(intent, exchange, outcomeOf(ReadableKey, madeKeyOf)))
          .pipe(
            Effect.flatMap((exchange) =>
              Effect.flatMap(decodeReply(Schema.Unknown)(exchange), (wire) =>
                Either.mapLeft(
                  decodeHeldKey(wire),
                  (detail) => new UnexpectedResponse({ call: "create", status: exchange.status, detail })
                )
              )
            ),
            Effect.map((held): MadeKey => ({ ...held, how: "created" })),
            Effect.catchIf(isLost, (lost) => adopt(wanted, before, lost))
          )
      })

      return KeyMaker.of({ create })
    })
  )
}

const ReadableKey = Schema.Unknown.pipe(Schema.filter((wire) => Either.isRight(decodeHeldKey(wire))))

const madeKeyOf = (wire: unknown) =>
  Either.match(decodeHeldKey(wire), { onLeft: () => ({}), onRight: (held) => ({ key: held.key.id }) })

const isLost = (error: WriteError): boolean =>
  (error._tag === "ApiUnavailable" || error._tag === "UnexpectedResponse") && isInDoubt(error)
