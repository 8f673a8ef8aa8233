import { Credit, remaining, zero } from "@keysweep/core/Credit"
import type { NewSettings } from "@keysweep/core/KeySettings"
import { isExpired, type KeyId, type ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Either } from "effect"
import { type Action, isFinal } from "./Action.ts"
import type { KeySoak } from "./Soak.ts"
import { givenBack, type Narrowed, narrowed, type Narrowing } from "./Contain.ts"

/** What a plan has in mind for one key that was selected. */
export type Aim =
  | { readonly _tag: "Do"; readonly becomes: NewSettings | null }
  /** Nothing has to be done, or nothing may be. */
  | { readonly _tag: "Skip"; readonly reason: string }
  /** It was asked for and cannot be done: a run that leaves it out is not all that was asked for. */
  | { readonly _tag: "Refuse"; readonly reason: string }

export interface Wish {
  readonly action: Action
  readonly narrow?: Narrowing | undefined
  readonly giveBack?: ReadonlyMap<KeyId, Narrowed> | undefined
  /** `disable`, where the keys are deleted afterwards: what is known of their soaks. */
  readonly soaks?: ReadonlyMap<KeyId, KeySoak> | undefined
}

export const aimAt = (wish: Wish, key: ProxyKey, state: string, now: DateTime.Utc): Aim => {
  const { action } = wish
  switch (action) {
    case "delete":
    case "delete-all":
      return toDo(null)
    case "disable":
      if (wish.soaks !== undefined) {
        const dueAt = wish.soaks.get(key.id)?.dueAt ?? null
        return dueAt === null ? toDo(null) : skip(`already disabled, and deleted after ${DateTime.formatIso(dueAt)}`)
      }
      return state === "disabled" ? skip(`already ${state}`) : toDo(null)
    case "enable":
      return state === "disabled" ? toDo(null) : skip(`already ${state}`)
    case "contain":
      if (isExpired(key, now)) return skip("already expired")
      return settle(narrowed(key, wish.narrow ?? {}), "already as narrow")
    case "release": {
      const taken = wish.giveBack?.get(key.id)
      return taken === undefined
        ? skip("the run took nothing from it")
        : settle(givenBack(key, taken, now), "it has back what the run took")
    }
  }
}

const toDo = (becomes: NewSettings | null): Aim => ({ _tag: "Do", becomes })
const skip = (reason: string): Aim => ({ _tag: "Skip", reason })

const settle = (settings: Either.Either<NewSettings | null, string>, already: string): Aim =>
  Either.match(settings, {
    onLeft: (reason): Aim => ({ _tag: "Refuse", reason }),
    onRight: (becomes): Aim => (becomes === null ? skip(already) : toDo(becomes))
  })

/** Credit of a key that an action frees: all that is left, or what a smaller budget cuts off. */
export const freedBy = (
  action: Action,
  key: { readonly remaining: Credit; readonly allocated: Credit },
  becomes: NewSettings | null
): Credit => {
  if (isFinal(action)) return key.remaining
  return becomes === null ? zero : Credit.to.make(Math.min(key.remaining, remaining(key.allocated, becomes.allocated)))
}
