import { Context, Effect, Layer, Redacted, Schema } from "effect"
import type { Route } from "./Calls.ts"
import { Journal } from "./Journal.ts"
import type { WriteError } from "./KeyWriter.ts"
import { outcomeOf } from "./Outcome.ts"
import { decodeReply, Transport } from "./Transport.ts"

/** Replaces the account's master key: alone in its file, because it is a GET that destroys. */
export class MasterKey extends Context.Tag("@keysweep/core/MasterKey")<
  MasterKey,
  {
    /**
     * Makes a new master key. The one that asked dies at once and cannot be had back; proxy keys are not touched. Once
     * an hour. Never repeated, prefetched or sent by anything but a person's decision: after a lost reply
     * (`ApiUnavailable`, `UnexpectedResponse`) the new key is known to nobody, and only the vendor's console can help.
     *
     * The result is the one place where the new key exists: hand it over before anything else is done. Nothing built
     * on the old account works any more. Source: `regenerate-key`.
     */
    readonly regenerate: Effect.Effect<Redacted.Redacted, WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    MasterKey,
    Effect.gen(function* () {
      const journal = yield* Journal
      const transport = yield* Transport
      return MasterKey.of({
        regenerate: transport
          .send({ call: "regenerate", route, path: route.path }, (exchange) =>
            journal.attempt({ call: "regenerate" }, exchange, outcomeOf(Regenerated))
          )
          .pipe(
            Effect.flatMap(decodeReply(Regenerated)),
            Effect.map(({ key }) => key),
            Effect.withSpan("MasterKey.regenerate")
          )
      })
    })
  )
}

const route: Route = { method: "GET", path: "/auth/key/regen" }

const Regenerated = Schema.Struct({
  key: Schema.Redacted(Schema.String.pipe(Schema.pattern(/^ek-(?!proxy-|dev-)[\x21-\x7e]{1,253}$/)))
})
