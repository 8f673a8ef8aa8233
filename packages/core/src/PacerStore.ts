import { Context, Effect, Layer, Ref, Schema } from "effect"
import type { AccountId } from "./Account.ts"
import { empty, type PacerState } from "./PacerState.ts"

/** The pacer's state cannot be kept: no request may be sent without it. */
export class PacerStoreUnavailable extends Schema.TaggedError<PacerStoreUnavailable>()("PacerStoreUnavailable", {
  detail: Schema.String
}) {
  override get message(): string {
    return `The rate limiter's state cannot be kept, so no request was sent: ${this.detail}`
  }
}

/**
 * Where the pacer's state lives. `modify` is one atomic step between all processes that share the store, and what it
 * wrote is durable when it returns. Where `change` gives back the very state it was given there is nothing to write. It
 * must bear being run again.
 */
export class PacerStore extends Context.Tag("@keysweep/core/PacerStore")<
  PacerStore,
  {
    readonly modify: <A>(
      credential: AccountId,
      change: (state: PacerState) => readonly [A, PacerState]
    ) => Effect.Effect<A, PacerStoreUnavailable>
  }
>() {
  /** For one process; forgotten at its end. */
  static readonly layerMemory = Layer.effect(
    PacerStore,
    Effect.gen(function* () {
      const states = yield* Ref.make<ReadonlyMap<AccountId, PacerState>>(new Map())
      return PacerStore.of({
        modify: (credential, change) =>
          Ref.modify(states, (all) => {
            const [result, next] = change(all.get(credential) ?? empty)
            return [result, new Map(all).set(credential, next)]
          })
      })
    })
  )
}
