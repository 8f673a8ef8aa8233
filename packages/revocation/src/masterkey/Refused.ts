import { Operator } from "@keysweep/audit/Actor"
import { Log } from "@keysweep/audit/Log"
import { Account } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { Unauthorized } from "@keysweep/core/ApiError"
import { KeyReader } from "@keysweep/core/KeyReader"
import { Effect, Layer } from "effect"
import { lostIn } from "./Earlier.ts"

/**
 * What to say of a master key that the upstream refuses: the log may tell that it was replaced, and where its successor
 * is. Fails always; writes nothing.
 */
export const explained = (error: Unauthorized) =>
  Effect.gen(function* () {
    const { credential } = yield* Account
    const known = yield* Effect.flatMap(AccountMemory, (memory) => memory.get(credential))
    const records = yield* Effect.flatMap(Log, (log) => log.records).pipe(
      Effect.provide(Log.layer(known?.account ?? credential)),
      Effect.provideService(Operator, reader),
      Effect.orElseSucceed(() => [])
    )
    const lost = lostIn(records, credential)
    return yield* lost === null ? error : new Unauthorized({ call: error.call, detail: lost })
  })

/** Nothing is written in its name. */
const reader: typeof Operator.Service = { actor: { name: "reader", authenticated: false }, surface: "library" }

/** The client that cannot write, in which a dead master key is explained: for every surface that has a log. */
export const layerReader = Layer.effect(
  KeyReader,
  Effect.gen(function* () {
    const client = yield* KeyReader
    const services = yield* Effect.context<Effect.Effect.Context<ReturnType<typeof explained>>>()
    const list = Effect.catchTag(client.list, "Unauthorized", (error) => Effect.provide(explained(error), services))
    return KeyReader.of({ ...client, list })
  })
).pipe(Layer.provide(KeyReader.layer))
