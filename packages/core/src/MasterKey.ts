import { Context, Effect, Layer, Option, type Redacted, Ref, Schema } from "effect"
import type { Route } from "./Calls.ts"
import { Journal, type JournalUnavailable } from "./Journal.ts"
import { decodeBody } from "./JsonBody.ts"
import type { WriteError } from "./KeyWriter.ts"
import { outcomeOf } from "./Outcome.ts"
import { decodeReply, Transport } from "./Transport.ts"

export interface Renewed<A> {
  /** What became of the new key where it was handed over. */
  readonly kept: A
  /** The new key was handed over, but that could not be recorded. */
  readonly unrecorded: JournalUnavailable | null
}

/** Replaces the account's master key: alone in its file, because it is a GET that destroys. */
export class MasterKey extends Context.Tag("@keysweep/core/MasterKey")<
  MasterKey,
  {
    /**
     * Makes a new master key. The one that asked dies at once and cannot be had back; proxy keys are not touched. Once
     * an hour. Never repeated, prefetched or sent by anything but a person's decision: after a lost reply
     * (`ApiUnavailable`, `UnexpectedResponse`) the new key is known to nobody, and only the vendor's console can help.
     *
     * The reply is the one place where the new key exists: `keep` gets it before anything else is done, before the
     * journal even. Nothing built on the old account works any more. Source: `regenerate-key`.
     */
    readonly regenerate: <A>(
      keep: (key: Redacted.Redacted) => Effect.Effect<A>
    ) => Effect.Effect<Renewed<A>, WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    MasterKey,
    Effect.gen(function* () {
      const journal = yield* Journal
      const transport = yield* Transport
      return MasterKey.of({
        regenerate: Effect.fn("MasterKey.regenerate")(function* <A>(
          keep: (key: Redacted.Redacted) => Effect.Effect<A>
        ) {
          const kept = yield* Ref.make(Option.none<A>())
          const unrecorded = yield* transport
            .send({ call: "regenerate", route, path: route.path }, (exchange) =>
              journal.attempt(
                { call: "regenerate" },
                Effect.tap(exchange, ({ body, status }) =>
                  Option.match(status < 300 ? decodeBody(Regenerated, body) : Option.none(), {
                    onNone: () => Effect.void,
                    onSome: ({ key }) => Effect.flatMap(keep(key), (it) => Ref.set(kept, Option.some(it)))
                  })
                ),
                outcomeOf(Regenerated)
              )
            )
            .pipe(
              Effect.flatMap(decodeReply(Regenerated)),
              Effect.as(null),
              Effect.catchTag("JournalUnavailable", (error) =>
                Effect.flatMap(Ref.get(kept), (it) => (Option.isSome(it) ? Effect.succeed(error) : Effect.fail(error)))
              )
            )
          const it = yield* Ref.get(kept)
          return Option.isSome(it)
            ? { kept: it.value, unrecorded }
            : yield* Effect.dieMessage("a reply with a key is handed over")
        })
      })
    })
  )
}

const route: Route = { method: "GET", path: "/auth/key/regen" }

/** Whatever it looks like: the old one is dead, and one that is not handed on is lost. Its use shows whether it works. */
const Regenerated = Schema.Struct({ key: Schema.Redacted(Schema.String.pipe(Schema.pattern(/^[\x21-\x7e]{1,4096}$/))) })
