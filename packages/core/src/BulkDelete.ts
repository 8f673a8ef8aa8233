import { Context, Effect, Layer } from "effect"
import type { Route } from "./Calls.ts"
import type { Dialect } from "./Dialect.ts"
import { Journal } from "./Journal.ts"
import type { WriteError } from "./KeyWriter.ts"
import { outcomeOf } from "./Outcome.ts"
import type { KeyId } from "./ProxyKey.ts"
import { decodeReply, Transport } from "./Transport.ts"
import { WireMessage } from "./Wire.ts"

/**
 * Deletes every key of the account in one request: alone in its file, so that no code which deletes one key can reach
 * it. Who calls it has just re-read the account and found no key that was not planned.
 */
export class BulkDelete extends Context.Tag("@keysweep/core/BulkDelete")<
  BulkDelete,
  {
    /**
     * At once, for good, without a question; unused credit returns to the balance. Not atomic upstream, and the reply
     * says the same when there was nothing to delete: only a fresh list tells. Never repeated: not after a lost reply,
     * by nobody but a person. `keys` is what the caller saw and the journal records. Source: `proxy-delete-all`.
     */
    readonly deleteAll: (dialect: Dialect, keys: ReadonlyArray<KeyId>) => Effect.Effect<void, WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    BulkDelete,
    Effect.gen(function* () {
      const journal = yield* Journal
      const transport = yield* Transport
      return BulkDelete.of({
        deleteAll: Effect.fn("BulkDelete.deleteAll")((dialect, keys) =>
          transport
            .send({ call: "delete-all", route: routes[dialect], path: routes[dialect].path }, (exchange) =>
              journal.attempt({ call: "delete-all", keys }, exchange, outcomeOf(WireMessage))
            )
            .pipe(Effect.flatMap(decodeReply(WireMessage)), Effect.asVoid)
        )
      })
    })
  )
}

/** Sources: `proxy-delete-all` since 2026-05-23; before that the bulk route was `DELETE /auth/proxy`. */
const routes: { readonly [_ in Dialect]: Route } = {
  static: { method: "DELETE", path: "/auth/proxy/delete" },
  path: { method: "DELETE", path: "/auth/proxy" }
}
