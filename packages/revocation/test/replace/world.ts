import { NodeHttpClient } from "@effect/platform-node"
import { HttpClient, HttpClientError } from "@effect/platform"
import { Operator } from "@keysweep/audit/Actor"
import { LogStore } from "@keysweep/audit/LogStore"
import { LogUnavailable } from "@keysweep/audit/Log"
import type { EmulatorOptions } from "@keysweep/emulator/Emulator"
import { Deferred, Effect, Layer, Ref, Schema } from "effect"
import { parseEnv } from "node:util"
import { Progress, type ProgressEvent } from "../../src/Progress.ts"
import { Replacements, type Replacing } from "../../src/replace/Replacements.ts"
import { Settings } from "../../src/Settings.ts"
import { SinkFailed } from "../../src/sinks/SinkFailed.ts"
import { Sinks } from "../../src/sinks/Sinks.ts"
import { SinkText } from "../../src/sinks/SinkTarget.ts"
import * as SweepFiles from "../../src/SweepFiles.ts"
import { makeWorld } from "../world.ts"

export const timeScale = 600

export const sinkOf = Schema.decodeSync(SinkText)

/** The world of a sweep, and what makes keys in it. */
export const makeReplaceWorld = (
  options: {
    readonly emulator?: EmulatorOptions
    readonly settings?: typeof Settings.Service
    readonly onProgress?: (event: ProgressEvent) => Effect.Effect<void>
  } = {}
) =>
  Effect.gen(function* () {
    const settings = options.settings ?? Settings.none
    const world = yield* makeWorld({ emulator: options.emulator ?? {}, settings })
    const life = yield* Ref.make({ left: Infinity, died: yield* Deferred.make<void>() })
    /** Before and after whatever lasts: a death in between leaves the one without the other. */
    const mortal = <A, E, R, E2>(step: Effect.Effect<A, E, R>, dead: E2) => {
      const live = Effect.flatMap(
        Ref.updateAndGet(life, ({ died, left }) => ({ died, left: left - 1 })),
        ({ died, left }) =>
          left < 0 ? Effect.zipRight(Deferred.succeed(died, undefined), Effect.fail(dead)) : Effect.void
      )
      return Effect.zipLeft(Effect.zipRight(live, step), live)
    }
    const http = Layer.effect(
      HttpClient.HttpClient,
      Effect.map(
        HttpClient.HttpClient,
        HttpClient.transform((response, request) =>
          mortal(response, new HttpClientError.RequestError({ request, reason: "Transport" }))
        )
      )
    ).pipe(Layer.provide(NodeHttpClient.layer))
    const logs = Layer.effect(
      LogStore,
      Effect.map(LogStore, (store) =>
        LogStore.of({
          ...store,
          open: (account) =>
            Effect.map(store.open(account), (log) => ({
              ...log,
              append: (make) => mortal(log.append(make), new LogUnavailable({ detail: "dead" }))
            }))
        })
      )
    )
    const sinks = Layer.effect(
      Sinks,
      Effect.map(Sinks, (it) =>
        Sinks.of({
          check: it.check,
          deliver: (target, value) =>
            mortal(it.deliver(target, value), new SinkFailed({ sink: "any", detail: "dead", arrived: "no" }))
        })
      )
    )
    const files = SweepFiles.layer({
      account: { masterKey: world.emulator.apiKey, baseUrl: world.emulator.url, timeScale },
      home: world.home,
      userAgent: "keysweep/test"
    })
    const surface = Layer.mergeAll(
      Layer.succeed(Settings, settings),
      Layer.succeed(Operator, { actor: { name: "os:ada", authenticated: true }, surface: "library" as const }),
      Layer.succeed(Progress, { report: options.onProgress ?? (() => Effect.void) })
    )
    /** A process of its own each time: what it knows is what the log says. */
    const replacements = Effect.map(
      Layer.build(
        Replacements.layer.pipe(
          Layer.provide(Layer.mergeAll(logs, sinks)),
          Layer.provide(files),
          Layer.provide(http),
          Layer.provide(surface)
        )
      ),
      (context) => Effect.provide(Replacements, context)
    ).pipe(Effect.flatten)

    const env = `${world.home}/.env`
    const carryOut = (request: Omit<Replacing, "sinks"> & { readonly sinks?: Replacing["sinks"] }) =>
      Effect.gen(function* () {
        const it = yield* replacements
        const planning = yield* it.plan({ sinks: [sinkOf(`dotenv:${env}`)], reason: "a test", ...request })
        if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
        const { plan } = planning
        return { plan, receipt: yield* it.apply(plan, { plan: plan.hash, how: "hash" }) }
      })
    /** Whether the log has a run of this plan that ended well, whatever became of its process then. */
    const ended = Effect.map(world.events, (events) =>
      events.some((event) => event._tag === "RunFinished" && event.outcome === "done")
    )
    const stored = world.fs.readFileString(env).pipe(
      Effect.map((text): Readonly<Record<string, string | undefined>> => parseEnv(text)),
      Effect.orElseSucceed((): Readonly<Record<string, string | undefined>> => ({}))
    )
    const keys = Effect.map(world.state, (account) => account?.keys ?? [])
    /** What comes of it, or `null`: it died after so many steps, and nothing of it lasts that it had not done by then. */
    const dyingAfter = <A, E, R>(steps: number, it: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        const died = yield* Deferred.make<void>()
        yield* Ref.set(life, { left: steps, died })
        const ended = yield* Effect.raceFirst(it, Effect.as(Deferred.await(died), null))
        const { left } = yield* Ref.get(life)
        yield* Ref.set(life, { left: Infinity, died })
        return left < 0 ? null : ended
      })
    return { ...world, env, keys, dyingAfter, ended, replacements, carryOut, stored }
  })
