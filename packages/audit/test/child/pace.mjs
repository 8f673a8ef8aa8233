// Adds `count` slots to the pacer's state, one step each.
import { Effect } from "effect"
import { PacerStore } from "@keysweep/core/PacerStore"
import { storesAt } from "../support/stores.mjs"

const [address, credential, count] = process.argv.slice(2)
const step = (i) =>
  Effect.flatMap(PacerStore, (store) =>
    store.modify(credential, (state) => {
      const slot = { id: `${process.pid}-${i}`, sentAt: i, freeAt: i, open: false }
      return [state.slots.length, { ...state, slots: [...state.slots, slot] }]
    })
  )
await Effect.runPromise(
  Effect.forEach(
    Array.from({ length: Number(count) }, (_, i) => i),
    step
  ).pipe(Effect.provide(await storesAt(address)))
)
