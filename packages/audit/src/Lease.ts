import type { AccountId } from "@keysweep/core/Account"
import { Context, Effect, Option, Schema, type Scope } from "effect"
import { type Actor, Operator } from "./Actor.ts"
import type { LogUnavailable } from "./LogStore.ts"
import type { RunId } from "./RunId.ts"

/** Who holds an account, as far as the holder said. */
export const Holder = Schema.Struct({
  pid: Schema.Int,
  host: Schema.String,
  actor: Schema.String,
  since: Schema.String,
  run: Schema.NullOr(Schema.String)
})
export type Holder = typeof Holder.Type

/** Another run holds the account. Nothing was done; it is worth trying again when that run is over. */
export class LeaseHeld extends Schema.TaggedError<LeaseHeld>()("LeaseHeld", {
  holder: Holder,
  /** The number of the lease that is in the way. */
  fence: Schema.Int
}) {
  override get message(): string {
    const { actor, host, pid, run, since } = this.holder
    return `The account is held by ${actor} (${run ?? "no run"}, process ${pid} on ${host}, since ${since})`
  }
}

/** `null`: what the holder said of itself cannot be read. */
export const leaseHeldBy = (fence: number, holder: Holder | null): LeaseHeld =>
  new LeaseHeld({
    fence,
    holder:
      holder === null
        ? { pid: 0, host: "unknown", actor: "unknown", since: "unknown", run: null }
        : { pid: holder.pid, host: holder.host, actor: holder.actor, since: holder.since, run: holder.run }
  })

/** The run leases of a store. */
export class Leases extends Context.Tag("@keysweep/audit/Leases")<
  Leases,
  {
    /** Held until the scope closes, or the process dies. See {@link hold}. */
    readonly hold: (
      account: AccountId,
      run: RunId,
      holder: Actor | null
    ) => Effect.Effect<{ readonly fence: number }, LeaseHeld | LogUnavailable, Scope.Scope>
    /** Who holds the account now; `null` if nobody does. */
    readonly holder: (account: AccountId) => Effect.Effect<LeaseHeld | null, LogUnavailable>
    /**
     * Ends a lease whose holder cannot be asked, because it is on another machine: an operator's decision, given the
     * number that was shown. From then on the old holder's records are refused.
     */
    readonly end: (account: AccountId, fence: number) => Effect.Effect<void, LogUnavailable>
  }
>() {}

/**
 * One run per account: a second one fails with {@link LeaseHeld}, at once. A dead holder on this machine is replaced at
 * once. One on another machine is replaced by files never, by a database once it has been silent for 30 s; both can be
 * told to end it. The fence grows with every lease of the account.
 */
export const hold = (
  account: AccountId,
  run: RunId
): Effect.Effect<{ readonly fence: number }, LeaseHeld | LogUnavailable, Scope.Scope | Leases> =>
  Effect.gen(function* () {
    const leases = yield* Leases
    const operator = yield* Effect.serviceOption(Operator)
    return yield* leases.hold(account, run, Option.getOrNull(Option.map(operator, (it) => it.actor)))
  }).pipe(Effect.withSpan("Lease.hold"))
