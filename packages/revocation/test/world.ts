import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { Operator, type Origin } from "@keysweep/audit/Actor"
import { Log } from "@keysweep/audit/Log"
import { Effect, Layer, Redacted } from "effect"
import { type Challenge, Confirmation } from "../src/Confirmation.ts"
import type { Plan, PlanRequest } from "../src/Plan.ts"
import { Progress } from "../src/Progress.ts"
import { Settings } from "../src/Settings.ts"
import { Sweep } from "../src/Sweep.ts"
import * as SweepFiles from "../src/SweepFiles.ts"

export interface WorldOptions {
  readonly emulator?: EmulatorOptions
  readonly settings?: typeof Settings.Service
  readonly actor?: string
  readonly origin?: Origin
  /** What happens between the plan and the answer of whoever is asked. */
  readonly beforeAnswer?: Effect.Effect<void>
}

/** What a person who does as asked would type. */
const obediently = (challenge: Challenge): string => (challenge.kind === "phrase" ? challenge.phrase : "y")

const timeScale = 600

/** An emulator on a real socket, a home in a real folder, and a sweep over both. */
export const makeWorld = (options: WorldOptions = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped({ prefix: "keysweep-" })
    const emulator = yield* Emulator.start({ rpm: 1000, timeScale, ...options.emulator })
    const sweepFor = (
      actor: string,
      settings = options.settings ?? Settings.none,
      beforeAnswer = options.beforeAnswer ?? Effect.void,
      progress = Progress.layerSilent,
      masterKey = emulator.apiKey,
      origin = options.origin
    ) =>
      Layer.build(
        Sweep.layer.pipe(
          Layer.provide(
            SweepFiles.layer({
              account: { masterKey, baseUrl: emulator.url, timeScale },
              home,
              userAgent: "keysweep/test"
            })
          ),
          Layer.provide(NodeHttpClient.layer),
          Layer.provide(
            Layer.mergeAll(
              Layer.succeed(Settings, settings),
              Layer.succeed(Operator, {
                actor: { name: actor, authenticated: true },
                surface: "library",
                ...(origin === undefined ? {} : { origin })
              }),
              Layer.succeed(Confirmation, {
                ask: (_plan, challenge) => Effect.as(beforeAnswer, obediently(challenge))
              }),
              progress
            )
          )
        )
      ).pipe(
        Effect.map((context) => Effect.provide(Sweep, context)),
        Effect.flatten
      )
    const sweep = yield* sweepFor(options.actor ?? "os:ada")
    const planFor = (request: PlanRequest) =>
      Effect.flatMap(sweep.plan({ reason: "a test", ...request }), (planning) =>
        planning._tag === "Plan" ? Effect.succeed(planning.plan) : Effect.die(planning.detail)
      )
    const state = Effect.map(emulator.state, ({ accounts }) => accounts[0])
    const names = Effect.map(state, (account) => (account?.keys ?? []).map((key) => String(key.name)).sort())
    /** Requests that change something, as `METHOD path` without the part that names a key. */
    const writes = Effect.map(emulator.requests, (requests) =>
      requests
        .map(({ method, path }) => `${method} ${path.replace(/ek-proxy-.*/, "{key}")}`)
        .filter((line) => !line.startsWith("GET") && !line.endsWith("/lookup"))
    )
    /** Waits until so many requests have arrived, answered or not. */
    const arrived = (path: string, count: number) =>
      Effect.repeat(
        Effect.zipRight(
          Effect.sleep("10 millis"),
          Effect.map(emulator.requests, (all) => all.filter((request) => request.path.endsWith(path)).length)
        ),
        { until: (now) => now >= count }
      )
    const events = sweep.books(
      Effect.flatMap(Log, (log) => Effect.map(log.records, (records) => records.map(({ event }) => event)))
    )
    /** What somebody else with the same master key does. */
    const post = (call: string, body: object, key = Redacted.value(emulator.apiKey)) =>
      Effect.promise(async () => {
        const reply = await fetch(`${emulator.url}/${call}`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify(body)
        })
        if (!reply.ok) throw new Error(`${call} answered ${reply.status}`)
      })
    const create = (name: string) => post("auth/proxy/create", { name, expires_at: -1, allocated_ammount: 1 })
    const keyOf = (name: string) =>
      Effect.map(state, (account) => String((account?.keys ?? []).find((key) => key.name === name)?.key))
    const onKey = (call: "remove" | "toggle", name: string) =>
      Effect.flatMap(keyOf(name), (key) => post(`auth/proxy/${call}`, { proxy_key: key }))
    /** What an application does that has the key. */
    const use = (name: string) =>
      Effect.flatMap(keyOf(name), (key) =>
        post("chat/completions", { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] }, key)
      )
    return {
      arrived,
      create,
      onKey,
      keyOf,
      post,
      use,
      emulator,
      home,
      sweep,
      sweepFor,
      planFor,
      state,
      names,
      writes,
      events,
      fs
    }
  })

export const confirmed = (plan: Plan) => ({ plan: plan.hash, how: "hash" as const })

export const live = Layer.mergeAll(NodeContext.layer)
