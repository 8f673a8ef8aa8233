import type { KeyId } from "@keysweep/core/ProxyKey"
import type { RunId } from "@keysweep/audit/RunId"
import { type DateTime, type Duration, Either } from "effect"
import type { Action } from "./Action.ts"
import { type Narrowed, type Narrowing, problemOf } from "./Contain.ts"
import type { LiftableCheck } from "./GateResult.ts"
import type { Leak } from "./leak/Leak.ts"
import { SelectionRefused, type Selector } from "./Selection.ts"

export interface PlanRequest {
  readonly action: Action
  /** Left out for `delete-all`, which names its target itself. */
  readonly selector?: Selector
  /** Instead of a selector: the keys of the account among these. */
  readonly leaks?: ReadonlyArray<Leak>
  readonly reason?: string | null
  /** Lifts every blocking check, or each of these, that the settings allow to be lifted. Needs a reason. */
  readonly override?: boolean | ReadonlyArray<LiftableCheck>
  /** With `disable`: delete the keys once they have soaked for so long; `null`: as long as the settings say, or 7 days. */
  readonly thenDelete?: { readonly after: Duration.Duration | null }
  /** `contain`: what to narrow. */
  readonly narrow?: Narrowing
  /** Made by undo. */
  readonly undoes?: Undoes
}

/** What a run did to keys, for a plan that takes it back. */
export interface Undoes {
  readonly run: RunId
  readonly keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>
  /** What the run took from keys. */
  readonly taken: ReadonlyMap<KeyId, Narrowed>
}

/** What no key can be asked for. */
export const checkRequest = (request: PlanRequest, now: DateTime.Utc): Either.Either<void, SelectionRefused> => {
  const { action, narrow, selector, thenDelete, undoes } = request
  const refuse = (detail: string) => Either.left(new SelectionRefused({ detail, candidates: [], place: null }))
  if (action === "delete-all" && selector !== undefined && selector.all !== true)
    return refuse("delete-all means every key, so it takes no selector.")
  if (thenDelete !== undefined && action !== "disable")
    return refuse(`Only what is disabled can be deleted after a soak, and this is ${action}.`)
  if (action === "release" && undoes === undefined)
    return refuse("Only an undo gives back what a run took: it names the run.")
  if (action !== "contain") {
    return narrow === undefined ? Either.void : refuse(`Only contain narrows settings, and this is ${action}.`)
  }
  const problem = problemOf(narrow ?? {}, now)
  return problem === null ? Either.void : refuse(problem)
}

/** The keys that a request is about, as a question over those that are there. */
export const selectorOf = (
  { action, selector, undoes }: PlanRequest,
  present: ReadonlyMap<KeyId, unknown>
): Selector => {
  if (undoes !== undefined) return { keys: undoes.keys.flatMap(({ id }) => (present.has(id) ? [id] : [])) }
  return action === "delete-all" ? { ...selector, all: true } : (selector ?? {})
}

/** What undo says of a key that is gone. */
export const onlyRecreate =
  "it is deleted, and its value cannot be made again. Only recreate is left: a new key with the old settings and a new value, which every application must be given"
