import { Effect } from "effect"

/** Lets timers, signals and other fibers go first: searching files is synchronous work. */
export const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const soon = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(soon))
})
