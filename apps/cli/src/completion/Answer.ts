import { InventoryMemory } from "@keysweep/revocation/InventoryMemory"
import { Effect, Layer, Option } from "effect"
import { accountHere } from "../Books.ts"
import { home } from "../Environment.ts"
import { GivenAccount } from "../GivenAccount.ts"
import { type Output, print } from "../Output.ts"
import type { Group } from "../Tree.ts"
import { storesLayer } from "../StoresLayer.ts"
import { complete } from "./Completion.ts"

/** Answers a shell: `words` and a line for each candidate with its meaning after a tab, or `files`. */
export const answer = (
  line: ReadonlyArray<string>,
  root: Group,
  topics: ReadonlyArray<string>
): Effect.Effect<void, never, Output> =>
  Effect.gen(function* () {
    const completion = yield* complete(line, { root, topics, keys: storedKeys })
    yield* print(
      completion === "files"
        ? completion
        : ["words", ...completion.map(([word, about]) => (about === "" ? word : `${word}\t${about}`))].join("\n")
    )
  })

/** The keys of the stored inventory of the account that a command would be about. Sends nothing. */
const storedKeys = Effect.gen(function* () {
  const folder = yield* home
  const account = yield* accountHere(folder)
  const inventories = yield* InventoryMemory
  return (yield* inventories.last(account))?.keys ?? []
}).pipe(
  Effect.provide(Layer.merge(storesLayer, GivenAccount.layer)),
  Effect.option,
  Effect.map(Option.getOrElse(() => []))
)
