import { InventoryMemory } from "@keysweep/revocation/InventoryMemory"
import { Effect, Layer, Option } from "effect"
import { accountHere, accountOf } from "../Books.ts"
import { home } from "../Environment.ts"
import { GivenAccount } from "../GivenAccount.ts"
import { type Output, print } from "../Output.ts"
import type { Group } from "../Tree.ts"
import { storesLayer } from "../StoresLayer.ts"
import { settings } from "../SettingsFile.ts"
import { complete } from "./Completion.ts"

/** Answers a shell: `words` and a line for each candidate with its meaning after a tab, or `files`. */
export const answer = (
  line: ReadonlyArray<string>,
  root: Group,
  topics: ReadonlyArray<string>
): Effect.Effect<void, never, Output> =>
  Effect.gen(function* () {
    const completion = yield* complete(line, { root, topics, keys: storedKeys, labels })
    yield* print(
      completion === "files"
        ? completion
        : ["words", ...completion.map(([word, about]) => (about === "" ? word : `${word}\t${about}`))].join("\n")
    )
  })

/**
 * The keys of the stored inventory of the account that a command would be about. Sends nothing, and starts no program for a
 * master key: it might ask the person who has only pressed Tab.
 */
const storedKeys = (label: string | undefined) =>
  Effect.gen(function* () {
    const named = label === undefined ? undefined : (yield* settings).accounts.find((it) => it.label === label)
    if (named?.keyCommand !== undefined) return []
    const account = yield* label === undefined ? accountHere(yield* home) : accountOf(label)
    const inventories = yield* InventoryMemory
    return (yield* inventories.last(account))?.keys ?? []
  }).pipe(
    Effect.provide(Layer.merge(storesLayer, GivenAccount.layer)),
    Effect.option,
    Effect.map(Option.getOrElse(() => []))
  )

const labels = settings.pipe(
  Effect.map(({ accounts }) => accounts.map(({ label }) => label)),
  Effect.orElseSucceed(() => [])
)
