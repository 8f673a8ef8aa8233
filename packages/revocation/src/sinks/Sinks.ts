import { HttpClient } from "@effect/platform"
import { Context, Effect, Layer, type Redacted } from "effect"
import * as AgeFile from "./AgeFile.ts"
import * as CommandInput from "./CommandInput.ts"
import * as DotenvFile from "./DotenvFile.ts"
import * as GitHubSecret from "./GitHubSecret.ts"
import { SinkFailed } from "./SinkFailed.ts"
import { sinkFor, type SinkTarget, sinkText } from "./SinkTarget.ts"

/** A new value, and the name that it goes by: `{NAME}` in a sink stands for it. */
export interface NewValue {
  readonly name: string
  readonly value: Redacted.Redacted
}

export interface Delivered {
  /** The sink as it is written, with the name filled in. */
  readonly sink: string
  /** `read back`: what is there was compared. `accepted`: the other side said yes, and shows nobody what it has. */
  readonly proof: "read back" | "accepted"
  /** What else somebody should know of it; absent: nothing. */
  readonly note?: string
}

/** Puts new values where applications find them. The only places on disk where a secret may be (I8). */
export class Sinks extends Context.Tag("@keysweep/revocation/Sinks")<
  Sinks,
  {
    /** Whether a value could be put there, as far as that can be told without putting one there. Writes nothing. */
    readonly check: (target: SinkTarget, name: string) => Effect.Effect<void, SinkFailed>
    /** Puts a value there, in place of the one before. Safe to repeat. */
    readonly deliver: (target: SinkTarget, it: NewValue) => Effect.Effect<Delivered, SinkFailed>
  }
>() {
  /** `reveal` shows a value on a terminal; a surface that has none leaves it out, and `terminal` is refused. */
  static readonly layer = (
    reveal?: (it: NewValue) => Effect.Effect<void>
  ): Layer.Layer<Sinks, never, HttpClient.HttpClient> =>
    Layer.effect(
      Sinks,
      Effect.gen(function* () {
        const github = yield* GitHubSecret.make
        const check = (target: SinkTarget, name: string) => {
          const filled = sinkFor(target, name)
          switch (filled.kind) {
            case "dotenv":
              return DotenvFile.check(filled)
            case "github":
              return github.check(filled)
            case "age":
              return AgeFile.check(filled)
            case "command":
              return CommandInput.check(filled)
            case "terminal":
              return reveal === undefined ? noTerminal : Effect.void
          }
        }
        const deliver = (target: SinkTarget, it: NewValue): Effect.Effect<Delivered, SinkFailed> => {
          const filled = sinkFor(target, it.name)
          const sink = sinkText(filled)
          switch (filled.kind) {
            case "dotenv":
              return Effect.map(DotenvFile.deliver(filled, it.value), (note) => ({
                sink,
                proof: "read back",
                ...(note === null ? {} : { note })
              }))
            case "github":
              return Effect.as(github.deliver(filled, it.value), { sink, proof: "accepted" })
            case "age":
              return Effect.as(AgeFile.deliver(filled, it.value), { sink, proof: "read back" })
            case "command":
              return Effect.as(CommandInput.deliver(filled, it.value), { sink, proof: "accepted" })
            case "terminal":
              return reveal === undefined ? noTerminal : Effect.as(reveal(it), { sink, proof: "accepted" })
          }
        }
        return Sinks.of({
          check: Effect.fn("Sinks.check")(check),
          // Who puts a value in several places must be told of each: a defect in one would end them all.
          deliver: Effect.fn("Sinks.deliver")((target: SinkTarget, it: NewValue) =>
            Effect.catchAllDefect(deliver(target, it), () => broken(sinkText(sinkFor(target, it.name))))
          )
        })
      })
    )
}

const broken = (sink: string) =>
  new SinkFailed({ sink, detail: "this sink broke down; look whether the value is there", arrived: "unknown" })

const noTerminal = new SinkFailed({
  sink: "terminal",
  detail: "there is no terminal here that a value could be shown on, or nobody has asked for that (--reveal)",
  arrived: "no"
})
