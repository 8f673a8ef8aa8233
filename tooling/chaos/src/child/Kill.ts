import { HttpClient } from "@effect/platform"
import { BackupStore } from "@keysweep/audit/BackupStore"
import { LogStore } from "@keysweep/audit/LogStore"
import { Sinks } from "@keysweep/revocation/sinks/Sinks"
import { Effect, Layer } from "effect"
import type { KillPoint } from "./Job.ts"

/** Steps that were begun, by port. */
export type Count = { [_ in KillPoint["port"]]: number }

/** Ends the process as a power cut would end it, as far as the process can tell. */
const die = Effect.zipRight(
  Effect.sync(() => process.kill(process.pid, "SIGKILL")),
  Effect.never
)

/** Counts the steps of the ports below, and dies at one of them. The product knows nothing of it. */
export const killing = (point: KillPoint | null, count: Count) => {
  const dieAt = (port: KillPoint["port"], stage: KillPoint["stage"], number: number) =>
    point?.port === port && point.stage === stage && point.number === number ? die : Effect.void
  const step =
    (port: KillPoint["port"]) =>
    <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        const number = ++count[port]
        return dieAt(port, "before", number).pipe(
          Effect.zipRight(Effect.ensuring(effect, dieAt(port, "after", number)))
        )
      })

  const logStore = Layer.effect(
    LogStore,
    Effect.map(LogStore, (store) =>
      LogStore.of({
        signer: store.signer,
        open: (account) =>
          Effect.map(store.open(account), (log) => ({
            ...log,
            append: (add) =>
              Effect.suspend(() => {
                const number = count.append + 1
                const inside = point?.port === "append" && point.stage === "inside" && point.number === number
                return step("append")(
                  log.append((found) =>
                    Effect.map(add(found), (addition) => ({
                      ...addition,
                      head: () => {
                        if (inside) process.kill(process.pid, "SIGKILL")
                        return addition.head()
                      }
                    }))
                  )
                )
              })
          }))
      })
    )
  )

  const backupStore = Layer.effect(
    BackupStore,
    Effect.map(BackupStore, (store) => {
      const counted = step("backup")
      return BackupStore.of({
        put: (...to) => counted(store.put(...to)),
        describe: (...what) => counted(store.describe(...what)),
        get: (...what) => counted(store.get(...what)),
        manifests: (account) => counted(store.manifests(account)),
        remove: (...what) => counted(store.remove(...what))
      })
    })
  )

  const httpClient = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) => HttpClient.transform(client, (effect) => step("call")(effect)))
  )

  const sinks = Layer.effect(
    Sinks,
    Effect.map(Sinks, (sinks) =>
      Sinks.of({ check: sinks.check, deliver: (...what) => step("sink")(sinks.deliver(...what)) })
    )
  )

  return { ports: Layer.mergeAll(logStore, backupStore, sinks), httpClient }
}
