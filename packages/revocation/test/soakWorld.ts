import { Duration, Effect, Either, TestClock } from "effect"
import type { PlanRequest } from "../src/Plan.ts"
import { parseSettings } from "../src/Settings.ts"
import { confirmed, makeWorld, type WorldOptions } from "./world.ts"

const scale = 600

export const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

type Asked = Partial<Omit<PlanRequest, "thenDelete">> & {
  readonly thenDelete?: { readonly after: Duration.DurationInput }
}

/** A world whose clock stands still until it is moved; times are those of an unscaled account. */
export const soakWorld = (options: WorldOptions = {}) =>
  Effect.gen(function* () {
    // The emulator lives by the real clock: its log of requests has to lie after what this clock says.
    yield* TestClock.setTime(yield* Effect.sync(() => new Date().getTime()))
    const world = yield* makeWorld(options)
    /** On this machine alone: its clock runs ahead. */
    const runAhead = (time: Duration.DurationInput) => TestClock.adjust(Duration.times(time, 1 / scale))
    const passThere = (time: Duration.DurationInput) =>
      world.emulator.advance(Duration.toMillis(Duration.times(time, 1 / scale)))
    const pass = (time: Duration.DurationInput) => Effect.zipRight(passThere(time), runAhead(time))
    const keys = Effect.map(world.state, (account) => account?.keys ?? [])
    const active = Effect.map(keys, (all) =>
      all
        .filter(({ is_active }) => is_active === true)
        .map(({ name }) => String(name))
        .sort()
    )
    const request = (names: ReadonlyArray<string>, { thenDelete, ...more }: Asked = {}): PlanRequest => ({
      action: "disable",
      selector: { keys: names },
      reason: "clean-up",
      thenDelete: { after: thenDelete === undefined ? null : Duration.decode(thenDelete.after) },
      ...more
    })
    const start = (names: ReadonlyArray<string>, more: Asked = {}) =>
      Effect.flatMap(world.planFor(request(names, more)), (plan) => world.sweep.apply(plan, confirmed(plan)))
    /** What an application does that still has the key; it is refused. */
    const callWith = (name: string) => Effect.ignore(Effect.sandbox(world.use(name)))
    const rename = (was: string, name: string) =>
      Effect.flatMap(world.keyOf(was), (proxy_key) =>
        world.post("auth/proxy/update", {
          proxy_key,
          name,
          expires_at: -1,
          allocated_ammount: 10,
          model_whitelist: [],
          ip_whitelist: []
        })
      )
    /** Lets time pass in steps until something is so. */
    const until = (is: Effect.Effect<boolean>, step: Duration.DurationInput): Effect.Effect<void> =>
      Effect.flatMap(is, (yes) =>
        yes
          ? Effect.void
          : Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2))).pipe(
              Effect.zipRight(pass(step)),
              Effect.zipRight(until(is, step))
            )
      )
    return { ...world, pass, passThere, runAhead, keys, active, request, start, callWith, rename, until }
  })
