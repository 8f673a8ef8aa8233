import { fromCredits } from "@keysweep/core/Credit"
import { ProxyKey } from "@keysweep/core/ProxyKey"
import { type Planted, after, both, each, heir, keyNamed, records, requests, unknown, without } from "./planting.ts"

/** Violations where values are new, where credit moves, and by what takes a run back. */
export const plantedInValues: ReadonlyArray<Planted> = [
  [
    "a contained key that was not given back",
    "undo-contain path",
    after("api", (key) => ProxyKey.make({ ...key, models: ["a"] })),
    /^I10: api is called done and is not/m
  ],
  [
    "a new key that is not on record",
    "recreate path",
    unknown("kept"),
    /^I6: the new key kept is there, and the log does not say who made it/m
  ],
  [
    "a key that is on record as made twice",
    "rotate path",
    records((all) => all.flatMap((it) => (it.event._tag === "KeyCreated" ? [it, it] : [it]))),
    /^I6: .* is recorded as made twice/m
  ],
  [
    "two new keys in place of one",
    "rotate static",
    (scene) =>
      each((it) =>
        it.event._tag === "KeyCreated" ? { ...it, event: { ...it.event, old: keyNamed(scene, "api") } } : it
      )(scene),
    /^I6: two keys were made in place of api/m
  ],
  [
    "a switch of a new key that was never settled",
    "recreate static",
    without("CallSettled"),
    /^I6: the toggle of old api was never settled/m
  ],
  [
    "a recreated key with other settings",
    "recreate path",
    heir("api", (key) => ProxyKey.make({ ...key, models: ["a"] })),
    /^I10: api is called done and is not/m
  ],
  [
    "a disabled key that was recreated active",
    "recreate static",
    heir("old api", (key) => ProxyKey.make({ ...key, active: true })),
    /^I10: old api is called done and is not/m
  ],
  [
    "a new key that may spend more than the old one had left",
    "rotate path",
    heir("worker", (key) => ProxyKey.make({ ...key, allocated: fromCredits(50) })),
    /^I10: worker is called done and is not/m
  ],
  [
    "a value that is called delivered and is not there",
    "rotate static",
    (scene) => ({ ...scene, sink: new Map() }),
    /^value: the value of api is called delivered, and its sink does not have it/m
  ],
  [
    "a value in the place of another",
    "recreate path",
    (scene) => ({
      ...scene,
      sink: new Map([...scene.sink].map(([name], index, all) => [name, all[(index + 1) % all.length]?.[1] ?? ""]))
    }),
    /^value: the value of .* is called delivered/m
  ],
  [
    "a new key whose value nobody has",
    "rotate path",
    both(without("ValueDelivered"), (scene) => ({ ...scene, sink: new Map() })),
    /^value: nobody has the value of the new key api, and nobody is told of it/m
  ],
  [
    "an old key that was disabled while nobody had the new value",
    "rotate static",
    (scene) => ({ ...scene, sink: new Map() }),
    /^value: api is out of service, and nobody has the value of its new key/m
  ],
  [
    "an old key that was touched before the delivery",
    "rotate path",
    each((it) => (it.event._tag === "ValueDelivered" ? { ...it, seq: 999 } : it)),
    /^value: the toggle of api came before the new value was safe/m
  ],
  [
    "an old key that was touched before the new one was seen to work",
    "rotate static",
    without("KeyValidated"),
    /^value: the toggle of worker came before the new value was safe/m
  ],
  [
    "a millionth of a credit that is gone",
    "rotate path",
    (scene) => ({ ...scene, credit: { ...scene.credit, after: scene.credit.after - 1 } }),
    /^credit: \d+ micro-credits became \d+/m
  ],
  [
    "credit that was made where allocations are caps",
    "disable path",
    (scene) => ({ ...scene, credit: { ...scene.credit, money: "cap", spent: 1 } }),
    /^credit: \d+ micro-credits became \d+/m
  ],
  [
    "a new master key without its link in the log",
    "regenerate path",
    without("AccountRekeyed"),
    /^I6: the new master key is on record 0 times/m
  ],
  [
    "a link to another master key",
    "regenerate static",
    each((it) => (it.event._tag === "AccountRekeyed" ? { ...it, event: { ...it.event, to: it.event.from } } : it)),
    /^I6: the new master key is on record 1 times, or as another/m
  ],
  [
    "two new master keys",
    "regenerate path",
    requests((all) => all.flatMap((it) => (it.call === "regenerate" ? [it, it] : [it]))),
    /^I6: 2 new master keys were made/m
  ],
  [
    "a new master key that the log knows and the account does not",
    "regenerate static",
    (scene) => ({ ...scene, masterKey: { ...scene.masterKey, after: scene.masterKey.before } }),
    /^I6: the log says that the master key was replaced, and it was not/m
  ],
  [
    "a master key that reached no sink",
    "regenerate path",
    (scene) => ({ ...scene, sink: new Map() }),
    /^I6: the sink does not have the new master key/m
  ],
  [
    "a master key whose delivery is on record and did not take place",
    "regenerate static",
    (scene) => ({ ...scene, sink: new Map() }),
    /^value: the master key is called delivered, and its sink does not have it/m
  ]
]
