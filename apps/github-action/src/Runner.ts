import * as core from "@actions/core"
import { oneLine } from "@keysweep/core/SafeText"
import { Context, Effect, Layer } from "effect"
import { speechless } from "./Speechless.ts"

/**
 * The runner that carries out this step. What is printed goes through here alone: one harmless line at a time, so that
 * no name of a key and no message of the upstream can speak a workflow command.
 */
export class Runner extends Context.Tag("@keysweep/github-action/Runner")<
  Runner,
  {
    /** An input as text, without outer white space; empty when it was not given. */
    readonly input: (name: string) => Effect.Effect<string>
    /** Shows `***` wherever the secret would be printed from now on. */
    readonly mask: (secret: string) => Effect.Effect<void>
    readonly info: (text: string) => Effect.Effect<void>
    /** An annotation that people see beside the run. */
    readonly error: (title: string, text: string) => Effect.Effect<void>
    readonly output: (name: string, value: string) => Effect.Effect<void>
    /** Markdown for the page of the run. The job goes on where it cannot be written. */
    readonly summary: (markdown: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.succeed(Runner, {
    input: (name) => Effect.sync(() => core.getInput(name)),
    mask: (secret) => Effect.sync(() => (secret === "" ? undefined : core.setSecret(secret))),
    info: (text) => Effect.sync(() => core.info(speechless(text))),
    error: (title, text) => Effect.sync(() => core.error(oneLine(text, 1000), { title: oneLine(title, 100) })),
    output: (name, value) => Effect.sync(() => core.setOutput(name, value)),
    summary: (markdown) => Effect.ignore(Effect.tryPromise(() => core.summary.addRaw(markdown, true).write()))
  })
}
