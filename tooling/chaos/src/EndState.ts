import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either } from "effect"
import { runsOf } from "./LogReading.ts"
import type { Scene } from "./Scene.ts"

/**
 * How things ended at the upstream and in the log, without what differs from run to run: ids of runs, times, how many
 * records it took.
 */
export const endStateOf = (scene: Scene): string => {
  const runs = runsOf(scene)
  const last = (run: string) =>
    scene.records.findLast((record) => record.run === run && record.event._tag === "RunFinished")?.event
  const retired = scene.records.flatMap(({ event }) =>
    event._tag === "KeyRetired" ? [`${event.how} ${event.key.name} (${event.reason ?? ""})`] : []
  )
  return JSON.stringify(
    {
      keys: [...scene.after.values()].map(({ active, addresses, allocated, models, name, used }) => ({
        name,
        active,
        allocated,
        used,
        models: [...models].sort(),
        addresses: [...addresses].sort()
      })),
      balance: scene.credit.after,
      masterKey: {
        renewed: scene.masterKey.after !== scene.masterKey.before,
        onRecord: scene.records.filter(({ event }) => event._tag === "AccountRekeyed").length
      },
      sink: [...scene.sink].map(([variable, value]) => `${variable}: ${holderOf(scene, value)}`).sort(),
      runs: runs.map(({ action, id, planned }) => {
        const end = last(id)
        return {
          action,
          planned: [...planned].sort(),
          ...(end?._tag === "RunFinished"
            ? {
                outcome: end.outcome,
                keys: end.keys.map(({ id, outcome }) => `${id} ${outcome}`).sort(),
                creditExpected: end.creditExpected,
                creditObserved: end.creditObserved
              }
            : {})
        }
      }),
      retired: retired.sort()
    },
    null,
    1
  )
}

/** Whose value it is. */
const holderOf = ({ after, masterKey }: Scene, value: string): string => {
  if (value === masterKey.after) return "the master key"
  const id = Either.map(proxyKeySecret(value), keyIdOf)
  return (Either.isRight(id) ? after.get(id.right)?.name : undefined) ?? "nobody's"
}
