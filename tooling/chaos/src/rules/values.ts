import { accountIdOf } from "@keysweep/core/Account"
import { type KeyId, keyIdOf, type ProxyKey, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either } from "effect"
import { nameIn, type Rule } from "../Checker.ts"
import { intentsOf, type Run, runsOf, touchedBySomebody } from "../LogReading.ts"
import type { Scene } from "../Scene.ts"
import { masterKeyVariable } from "../SceneReading.ts"

/** I6: every key that is there since, and that nobody else made, is on record; and each old key has one new one. */
export const oneNewKeyEach: Rule = (scene) => {
  const created = scene.records.flatMap(({ event }) => (event._tag === "KeyCreated" ? [event] : []))
  const silent = [...scene.after.values()].filter(
    ({ id }) => !scene.before.has(id) && !created.some((event) => event.new === id)
  )
  const others = scene.requests.filter(({ by, call }) => by === "somebody" && call === "create").length
  const twice = (ids: ReadonlyArray<KeyId | null>) =>
    ids.flatMap((id, index) => (id !== null && ids.indexOf(id) !== index ? [id] : []))
  return [
    ...(silent.length > others
      ? silent.map(({ name }) => `the new key ${name} is there, and the log does not say who made it`)
      : []),
    ...twice(created.map((event) => event.new)).map((id) => `${nameIn(scene, id)} is recorded as made twice`),
    ...twice(created.map(({ old }) => old)).map((id) => `two keys were made in place of ${nameIn(scene, id)}`)
  ]
}

/** What the log calls delivered is where it says. */
export const deliveredIsThere: Rule = (scene) => {
  const values = idsInSink(scene)
  const keys = scene.records.flatMap(({ event }) =>
    event._tag === "ValueDelivered" && values.get(variableOf(scene, event.key)) !== event.key ? [event.key] : []
  )
  const answered = intentsOf(scene).some(({ call, outcome }) => call === "regenerate" && outcome === "done")
  const told = answered || scene.records.some(({ event }) => event._tag === "MasterKeyDelivered")
  return [
    ...keys.map((key) => `the value of ${nameIn(scene, key)} is called delivered, and its sink does not have it`),
    ...(told && !masterKeyStored(scene) ? ["the master key is called delivered, and its sink does not have it"] : [])
  ]
}

/** A key that a run has made has its value in its place, unless somebody is told how to be rid of it. */
export const noValueLost: Rule = (scene) => {
  const values = idsInSink(scene)
  const lost = runsOf(scene).flatMap(({ finished, made }) =>
    [...made.values()].filter(
      (id) =>
        scene.after.has(id) &&
        values.get(variableOf(scene, id)) !== id &&
        (finished?.outcome === "done" || !scene.said.includes(`keysweep delete --key ${id}`))
    )
  )
  return lost.map((id) => `nobody has the value of the new key ${nameIn(scene, id)}, and nobody is told of it`)
}

/** A rotation does not touch an old key before the new one's value is safe and was seen to work. */
export const oldKeysLast: Rule = (scene) =>
  runsOf(scene)
    .filter(({ action }) => action === "rotate")
    .flatMap((run) => [...tooEarly(scene, run), ...taken(scene, run)])

const tooEarly = (scene: Scene, { id: run, made, planned }: Run) =>
  intentsOf(scene)
    .filter((intent) => intent.run === run && intent.call !== "create")
    .flatMap(({ call, keys, seq }) =>
      keys
        .filter((key) => planned.includes(key))
        .filter((key) => {
          const heir = made.get(key)
          const said = (tag: "ValueDelivered" | "KeyValidated") =>
            scene.records.some(({ event, ...record }) => record.seq < seq && event._tag === tag && event.key === heir)
          return !said("ValueDelivered") || !said("KeyValidated")
        })
        .map((key) => `the ${call} of ${nameIn(scene, key)} came before the new value was safe`)
    )

const taken = (scene: Scene, { made, planned }: Run) => {
  const values = idsInSink(scene)
  const somebody = touchedBySomebody(scene)
  return planned
    .filter((key) => scene.before.get(key)?.active === true && scene.after.get(key)?.active !== true)
    .filter((key) => !somebody.has(key) && values.get(variableOf(scene, key)) !== made.get(key))
    .map((key) => `${nameIn(scene, key)} is out of service, and nobody has the value of its new key`)
}

/** I6: one new master key, whose value is in its sink once the answer is on record, and the change on record once. */
export const masterKeyRenewedOnce: Rule = (scene) => {
  const { after, before } = scene.masterKey
  const links = scene.records.flatMap(({ event }) => (event._tag === "AccountRekeyed" ? [event] : []))
  const sent = scene.requests.filter(({ call, status }) => call === "regenerate" && status === 200).length
  if (after === before)
    return links.length === 0 ? [] : ["the log says that the master key was replaced, and it was not"]
  const [link] = links
  const right = link?.from === accountIdOf(before) && link.to === accountIdOf(after)
  return [
    ...(links.length === 1 && right ? [] : [`the new master key is on record ${links.length} times, or as another`]),
    ...(sent > 1 ? [`${sent} new master keys were made`] : []),
    ...(masterKeyStored(scene) ? [] : ["the sink does not have the new master key"])
  ]
}

/** Whole micro-credits: what was there is there, or was spent by applications. */
export const creditConserved: Rule = ({ after, before, credit }) => {
  const held = (keys: Scene["before"]) =>
    credit.money === "cap" ? 0 : [...keys.values()].reduce((sum, key) => sum + key.remaining, 0)
  const was = credit.before + held(before)
  const is = credit.after + held(after) + credit.spent
  return was === is ? [] : [`${was} micro-credits became ${is}`]
}

const masterKeyStored = ({ masterKey, sink }: Scene): boolean => sink.get(masterKeyVariable) === masterKey.after

const idsInSink = ({ sink }: Scene): ReadonlyMap<string, KeyId> =>
  new Map(
    [...sink].flatMap(([variable, value]) =>
      Either.match(proxyKeySecret(value), {
        onLeft: () => [],
        onRight: (secret) => [[variable, keyIdOf(secret)] as const]
      })
    )
  )

/** `old api` is `OLD_API`. */
const variableOf = (scene: Scene, id: KeyId): string => {
  const key: ProxyKey | undefined = scene.after.get(id) ?? scene.before.get(id)
  return (key?.name ?? "").toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")
}
