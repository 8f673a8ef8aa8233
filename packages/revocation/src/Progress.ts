import { Pacer } from "@keysweep/core/Pacer"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { Context, Effect, Layer, Queue } from "effect"
import type { Action } from "./Action.ts"
import type { ReplaceAction } from "./replace/Values.ts"

/** What a run tells whoever watches it. Names of keys are foreign text. */
export type ProgressEvent =
  | { readonly _tag: "Phase"; readonly phase: "reading" | "backing up" | "acting" | "proving" }
  | {
      readonly _tag: "Started"
      readonly action: Action | ReplaceAction
      readonly total: number
      readonly estimateMillis: number
      /** In the order in which their turn comes; none where one request is for all of them. */
      readonly keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>
      /** So many are worked on at once. */
      readonly atOnce: number
    }
  /** rotate, recreate: what is done for an old key now; that its new one is made is told as the key's end. */
  | { readonly _tag: "Step"; readonly id: KeyId; readonly name: string; readonly step: Step }
  | {
      readonly _tag: "Key"
      readonly id: KeyId
      readonly name: string
      readonly detail: string
      readonly count: number
      readonly total: number
      /** Until the last key's request may go. */
      readonly leftMillis: number
    }
  /** `overlap`: both the old and the new keys work, and applications change over. */
  | { readonly _tag: "Waiting"; readonly reason: "window" | "cooldown" | "overlap"; readonly millis: number }

export type Step = "creating" | "delivering" | "validating" | "disabling" | "disabled" | "left"

/** How a surface shows progress. It must not fail, and what it does must not slow a run. */
export class Progress extends Context.Tag("@keysweep/revocation/Progress")<
  Progress,
  { readonly report: (event: ProgressEvent) => Effect.Effect<void> }
>() {
  static readonly layerSilent = Layer.succeed(Progress, { report: () => Effect.void })
}

export const tellStep = (
  { id, name }: { readonly id: KeyId; readonly name: string },
  step: Step
): Effect.Effect<void, never, Progress> =>
  Effect.flatMap(Progress, (progress) => progress.report({ _tag: "Step", id, name, step }))

/** Tells of each wait for the rate limit as it begins, for as long as the scope is open. */
export const tellWaits = Effect.gen(function* () {
  const pacer = yield* Pacer
  const progress = yield* Progress
  const waits = yield* pacer.waits
  yield* Queue.take(waits).pipe(
    Effect.flatMap(({ began, reason, until }) =>
      reason === "first reply" ? Effect.void : progress.report({ _tag: "Waiting", reason, millis: until - began })
    ),
    Effect.forever,
    Effect.forkScoped
  )
})
