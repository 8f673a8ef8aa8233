import { digestOf } from "@keysweep/core/Canonical"
import { Effect, Either } from "effect"
import type { PanicOptions } from "../PanicRun.ts"
import type { PanicChoice } from "../Panic.ts"
import { endOf, type Plan, type Planning, type PlanRequest } from "../Plan.ts"
import { ConfirmationRefused, GateBlocked } from "../PlanError.ts"
import type { Receipt } from "../Receipt.ts"
import type { Carried, Sweep } from "../Sweep.ts"
import type { SweepError } from "../SweepError.ts"
import { across, type Ended } from "./Fleet.ts"

/** How a surface opens one account by its label, for one thing at a time. */
export type Open<E, R> = <A>(
  label: string,
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, SweepError>
) => Effect.Effect<A, E, R>

export interface Planned {
  readonly label: string
  readonly plan: Plan
}

/** Shows the plans of all accounts and gives back what was typed: one confirmation, which names every account. */
export type Ask = (
  plans: ReadonlyArray<Planned>,
  phrase: string,
  attempt: Attempt
) => Effect.Effect<string, ConfirmationRefused>

interface Attempt {
  readonly number: number
  readonly of: number
}

/**
 * Plans on every account, asks once for all that need it, and carries each plan out on its own account, at the same time.
 * A plan that is blocked, or an account that cannot be read, is that account's result. Where the confirmation is refused
 * nothing at all is changed.
 */
export const carryOutAcross = <E extends { readonly _tag: string; readonly message: string }, R, R2>(
  labels: ReadonlyArray<string>,
  open: Open<E, R>,
  request: PlanRequest,
  ask: (...of: Parameters<Ask>) => Effect.Effect<string, ConfirmationRefused, R2>
): Effect.Effect<ReadonlyArray<Ended<Carried, E | GateBlocked>>, ConfirmationRefused, R | R2> =>
  Effect.gen(function* () {
    const read = yield* across(labels, (label) =>
      Effect.flatMap(
        open(label, (sweep) => sweep.plan(request)),
        (planning) => {
          const blocks = planning._tag === "Plan" ? planning.plan.gate.filter(({ result }) => result === "block") : []
          return blocks.length > 0 ? new GateBlocked({ blocks }) : Effect.succeed(planning)
        }
      )
    )
    // A leaked key is one account's: that the others do not know it is no failure, once one does. That a master key has
    // leaked is one.
    const masters = request.leaks?.some((leak) => leak.masters.length > 0) ?? true
    const known = read.some(({ result }) => Either.isRight(result) && result.right._tag === "Plan")
    const planned = read.map(({ label, result }): Ended<Planning, E | GateBlocked> => ({
      label,
      result:
        known && !masters && Either.isLeft(result) && result.left._tag === "SelectionRefused"
          ? Either.right({ _tag: "Nothing", detail: result.left.message, selected: [], left: [] })
          : result
    }))
    const plans = planned.flatMap(({ label, result }) =>
      Either.isRight(result) && result.right._tag === "Plan" ? [{ label, plan: result.right.plan }] : []
    )
    const manual = plans.filter(({ plan }) => !plan.automatic)
    if (manual.length > 0) yield* confirmed(phraseOf(manual), (phrase, at) => ask(manual, phrase, at))
    const plannedFor = new Map(planned.map(({ label, result }) => [label, result]))
    return yield* across(labels, (label): Effect.Effect<Carried, E | GateBlocked, R> => {
      const result = plannedFor.get(label)
      if (result === undefined) return Effect.dieMessage("every account was planned on")
      if (Either.isLeft(result)) return Effect.fail(result.left)
      const planning = result.right
      if (planning._tag === "Nothing") return Effect.succeed({ _tag: "Nothing", detail: planning.detail })
      const { plan } = planning
      const how = plan.automatic ? ("automatic" as const) : ("typed" as const)
      return Effect.map(
        open(label, (sweep) => sweep.apply(plan, { plan: plan.hash, how })),
        (receipt): Carried => ({ _tag: "Receipt", plan, receipt })
      )
    })
  }).pipe(Effect.withSpan("FleetRun.carryOutAcross"))

/** Asks once, before anything is read, and goes the same way on every account at the same time. */
export const panicAcross = <E, R, R2>(
  labels: ReadonlyArray<string>,
  open: Open<E, R>,
  options: Omit<PanicOptions, "choose">,
  ask: (
    phrases: { readonly [way in PanicChoice["way"]]: string },
    attempt: Attempt
  ) => Effect.Effect<string, ConfirmationRefused, R2>
): Effect.Effect<ReadonlyArray<Ended<Receipt, E>>, ConfirmationRefused, R | R2> =>
  Effect.gen(function* () {
    const phrases = { disable: `panic disable ${named(labels)}`, delete: `panic delete ${named(labels)}` }
    const typed = yield* confirmed([phrases.disable, phrases.delete], (_, at) => ask(phrases, at))
    const way = typed === phrases.delete ? "delete" : "disable"
    return yield* across(labels, (label) =>
      open(label, (sweep) =>
        sweep.panic({
          ...options,
          choose: (choices) => Effect.succeed(choices.find((it) => it.way === way)?.phrase ?? "")
        })
      )
    )
  }).pipe(Effect.withSpan("FleetRun.panicAcross"))

/** `delete 12 production,staging`: what becomes of the keys in the end, whether now or after a soak. */
const phraseOf = (plans: ReadonlyArray<Planned>): string =>
  `${[...new Set(plans.map(({ plan }) => endOf(plan)))].join(",")} ${plans.reduce((count, { plan }) => count + plan.keys.length, 0)} ${named(plans.map(({ label }) => label))}`

/** Every account by its label; of more than can be typed, how many, and a hash over exactly these. */
const named = (labels: ReadonlyArray<string>): string =>
  labels.length <= typable ? labels.join(",") : `${labels.length} accounts ${digestOf(labels).slice(0, 8)}`

const typable = 8

const attempts = 3

/** Asks until one of the phrases comes back; three misses end it. */
const confirmed = <R>(
  phrase: string | ReadonlyArray<string>,
  ask: (phrase: string, attempt: Attempt) => Effect.Effect<string, ConfirmationRefused, R>
): Effect.Effect<string, ConfirmationRefused, R> =>
  Effect.gen(function* () {
    const phrases = typeof phrase === "string" ? [phrase] : phrase
    for (let number = 1; number <= attempts; number++) {
      const typed = (yield* ask(phrases[0] ?? "", { number, of: attempts })).trim()
      if (phrases.includes(typed)) return typed
    }
    const detail = `The phrase was not typed in ${attempts} attempts; nothing was changed.`
    return yield* new ConfirmationRefused({ reason: "three misses", detail })
  })
