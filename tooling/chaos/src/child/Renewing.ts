import { type RegenerateOptions, regenerate } from "@keysweep/revocation/masterkey/Regeneration"
import { SinkText } from "@keysweep/revocation/sinks/SinkTarget"
import { Effect, Schema } from "effect"
import type { Ended } from "./Performing.ts"

/** What a regeneration stands on. */
export type Renewing = Effect.Effect.Context<ReturnType<typeof regenerate>>

export const sinkOf = Schema.decodeSync(SinkText)

/** Asks for a new master key, with its value to one variable of the sink's file. */
export const renew = (sink: string) => {
  const options: RegenerateOptions = {
    reason: "chaos",
    sinks: [sinkOf(`dotenv:${sink}`)],
    confirm: ({ phrase }) => Effect.succeed(phrase),
    lastResort: () => Effect.dieMessage("a value reached no sink, where none was to fail")
  }
  return Effect.map(regenerate(options), ({ detail, outcome }): Ended => ({ ended: outcome, detail: detail ?? "" }))
}
