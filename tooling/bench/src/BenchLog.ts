import { join } from "node:path"
import { Operator } from "@keysweep/audit/Actor"
import { CallIntended } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { makeRunId } from "@keysweep/audit/RunId"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import { accountIdOf } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Effect, Layer } from "effect"

const account = accountIdOf("bench")

const operator = Layer.succeed(Operator, { actor: { name: "os:bench", authenticated: false }, surface: "cli" })

/** Where the lines of a log are. */
export const logFolder = (home: string): string => join(home, "accounts", account, "log")

/** A log in files, opened once as one program would. */
export const withLog = <A, E>(home: string, use: (log: typeof Log.Service) => Effect.Effect<A, E>): Promise<A> =>
  Effect.flatMap(Log, use).pipe(
    Effect.provide(Layer.provide(Log.layer(account), Layer.merge(FileLogStore.layer(home), operator))),
    Effect.runPromise
  )

/** Appends so many records as a run writes them most often, so many writers at a time. */
export const append = (log: typeof Log.Service, count: number, writers: number) =>
  Effect.flatMap(makeRunId, (run) =>
    Effect.forEach(
      Array.from({ length: count }, (_, index) => index),
      (index) => log.append(CallIntended.make({ id: `call_${index}`, intent: { call: "remove", key: keyId } }), run),
      { concurrency: writers, discard: true }
    )
  )

const keyId = KeyId.make(`kf_${"a".repeat(16)}`)
