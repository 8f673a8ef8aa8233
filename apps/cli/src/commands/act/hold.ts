import { Command, Options } from "@effect/cli"
import { KeyId } from "@keysweep/core/ProxyKey"
import { select } from "@keysweep/revocation/Selection"
import type { HoldTarget } from "@keysweep/revocation/Sweep"
import { Effect, Option, Schema } from "effect"
import { UsageError } from "../../CliError.ts"
import { lastInventory } from "../../LastInventory.ts"
import { print, printDocument } from "../../Output.ts"
import type { Failure } from "../../Report.ts"
import type { Services } from "../../Services.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { grounds, json, reach } from "../options.ts"

const key = Options.text("key").pipe(
  Options.withPseudoName("KEY"),
  Options.withDescription("This key: its id (kf_…), or its name in the last inventory."),
  Options.optional
)
const plan = Options.text("plan").pipe(
  Options.withPseudoName("HASH"),
  Options.withDescription("This plan, by its whole hash."),
  Options.optional
)
const lift = Options.boolean("lift").pipe(Options.withDescription("Lift the hold again."))

export const hold = verb(
  {
    about: "Object: nothing held is run until the hold is lifted. Changes nothing upstream.",
    details: [
      "Holds a key, a plan, or with neither the whole account. Panic goes on in spite of it; the hold is on record."
    ],
    examples: [
      "keysweep hold --key staging --reason 'still in use until Friday'",
      "keysweep hold --reason 'freeze until the audit is over'",
      "keysweep hold --lift --key staging --reason 'moved'"
    ]
  },
  Command.make("hold", { key, plan, lift, account: reach.account, reason: grounds.reason, json }, (typed) =>
    Effect.gen(function* () {
      const again = `keysweep hold${typed.lift ? " --lift" : ""} --reason TEXT`
      const target = yield* targetOf(typed)
      const reason = yield* Option.match(typed.reason, {
        onSome: Effect.succeed,
        onNone: () => new UsageError({ detail: "A hold says why: --reason is missing.", next: [again] })
      })
      const account = yield* withSweep({ ...typed, quiet: true }, (sweep) =>
        Effect.zipRight(typed.lift ? sweep.liftHold(target, reason) : sweep.hold(target, reason), sweep.account)
      )
      const what = target.key ?? (target.plan === undefined ? `the account ${account}` : `the plan ${target.plan}`)
      if (typed.json) {
        const { key = null, plan = null } = target
        return yield* printDocument({ schema: "keysweep.hold/1", account, held: !typed.lift, key, plan, reason })
      }
      yield* print(
        typed.lift
          ? `The hold of ${what} is lifted.`
          : `Held: ${what}. Nothing of it is run until the hold is lifted, by the same command with --lift.`
      )
    })
  )
)

const targetOf = (typed: {
  readonly key: Option.Option<string>
  readonly plan: Option.Option<string>
  readonly account: Option.Option<string>
}): Effect.Effect<HoldTarget, Failure, Services> =>
  Effect.gen(function* () {
    if (Option.isSome(typed.key) && Option.isSome(typed.plan)) {
      return yield* new UsageError({
        detail: "A hold is of a key or of a plan, not of both.",
        next: ["keysweep hold --help"]
      })
    }
    if (Option.isSome(typed.plan)) {
      if (/^[0-9a-f]{64}$/u.test(typed.plan.value)) return { plan: typed.plan.value }
      return yield* new UsageError({
        detail: "This is not the hash of a plan: one has 64 digits, 0 to 9 and a to f.",
        next: ["keysweep plan show FILE"]
      })
    }
    return Option.isSome(typed.key) ? { key: yield* keyOf(typed.key.value, typed.account) } : {}
  })

/** An id is one even if nobody here has seen it; a name is looked up without a request. */
const keyOf = (typed: string, account: Option.Option<string>): Effect.Effect<KeyId, Failure, Services> =>
  Effect.gen(function* () {
    const id = Schema.decodeUnknownOption(KeyId)(typed)
    if (Option.isSome(id)) return id.value
    const known = yield* lastInventory(account)
    if (known === null) {
      return yield* new UsageError({
        detail: "No inventory was read here yet, so no name is known: hold the key by its id.",
        next: ["keysweep list"]
      })
    }
    const { selected } = yield* select(known, { keys: [typed] })
    const [found] = selected
    return found === undefined ? yield* Effect.dieMessage("a literal selects one key or is refused") : found.key.id
  })
