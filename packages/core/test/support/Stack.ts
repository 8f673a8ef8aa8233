import { type HttpClient } from "@effect/platform"
import { Context, Effect, Layer, Redacted, Ref } from "effect"
import { Account, type AccountOptions, makeAccount } from "../../src/Account.ts"
import { AccountMemory } from "../../src/AccountMemory.ts"
import { AccountReader } from "../../src/AccountReader.ts"
import { BulkDelete } from "../../src/BulkDelete.ts"
import { type CallIntent, type CallOutcome, Journal } from "../../src/Journal.ts"
import { KeyCheck } from "../../src/KeyCheck.ts"
import { KeyMaker } from "../../src/KeyMaker.ts"
import { KeyReader } from "../../src/KeyReader.ts"
import { KeyWriter } from "../../src/KeyWriter.ts"
import { MasterKey } from "../../src/MasterKey.ts"
import { Pacer } from "../../src/Pacer.ts"
import { PacerStore } from "../../src/PacerStore.ts"
import { Transport } from "../../src/Transport.ts"

export const masterKey = "ek-MASTERKEYMASTERKEYMASTERKEY99"

/** A journal that keeps its entries in memory; uninterruptible between intent and outcome, as the port demands. */
export class Entries extends Context.Tag("test/Entries")<Entries, Ref.Ref<ReadonlyArray<Entry>>>() {}

export interface Entry {
  readonly intent: CallIntent
  readonly outcome: CallOutcome
}

const journal = Layer.effect(
  Journal,
  Effect.map(Entries, (entries) =>
    Journal.of({
      attempt: (intent, call, outcome) =>
        Effect.uninterruptible(
          Effect.flatMap(Effect.exit(call), (exit) =>
            Effect.zipRight(
              Ref.update(entries, (all) => [...all, { intent, outcome: outcome(exit) }]),
              exit
            )
          )
        )
    })
  )
)

/** Every service of core over one HTTP client, the real pacer among them (its minute is some milliseconds here). */
export const stack = (
  client: Layer.Layer<HttpClient.HttpClient>,
  options: Partial<AccountOptions> & { readonly requestTimeout?: number } = {}
) => {
  const { requestTimeout = 5000, ...rest } = options
  const account = Layer.effect(
    Account,
    makeAccount({ masterKey: Redacted.make(masterKey), baseUrl: "http://127.0.0.1:9/v1", timeScale: 6000, ...rest })
  )
  const pacer = Pacer.layer({ requestTimeout }).pipe(Layer.provide(PacerStore.layerMemory))
  const transport = Transport.layer({ userAgent: "keysweep-test", requestTimeout }).pipe(Layer.provideMerge(pacer))
  const entries = Layer.effect(Entries, Ref.make<ReadonlyArray<Entry>>([]))
  return Layer.mergeAll(
    KeyWriter.layer,
    KeyMaker.layer,
    BulkDelete.layer,
    MasterKey.layer,
    KeyCheck.layer,
    AccountReader.layer
  ).pipe(
    Layer.provideMerge(KeyReader.layer),
    Layer.provideMerge(transport),
    Layer.provideMerge(Layer.provideMerge(journal, entries)),
    Layer.provideMerge(AccountMemory.layerMemory),
    Layer.provideMerge(account),
    Layer.provide(client)
  )
}
