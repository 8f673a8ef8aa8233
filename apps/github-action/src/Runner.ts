import * as core from "@actions/core"
import { oneLine } from "@keysweep/core/SafeText"
import { Context, Data, Effect, Layer } from "effect"
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
    /** Annotations that people see beside the run, or beside a line of a file of the checkout. */
    readonly error: (annotation: Annotation) => Effect.Effect<void>
    readonly warning: (annotation: Annotation) => Effect.Effect<void>
    readonly output: (name: string, value: string) => Effect.Effect<void, OutputFailed>
    /** Markdown for the page of the run. The job goes on where it cannot be written. */
    readonly summary: (markdown: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.succeed(Runner, {
    input: (name) => Effect.sync(() => core.getInput(name)),
    mask: (secret) => Effect.sync(() => (secret === "" ? undefined : core.setSecret(secret))),
    info: (text) => Effect.sync(() => core.info(speechless(text))),
    error: ({ text, ...at }) => Effect.sync(() => core.error(oneLine(text, 1000), properties(at))),
    warning: ({ text, ...at }) => Effect.sync(() => core.warning(oneLine(text, 1000), properties(at))),
    output: (name, value) =>
      Effect.try({ try: () => core.setOutput(name, value), catch: () => new OutputFailed({ name }) }),
    summary: (markdown) => Effect.ignore(Effect.tryPromise(() => core.summary.addRaw(markdown, true).write()))
  })
}

/** The runner's file of outputs cannot be written: the jobs that follow are told nothing. */
export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly name: string }> {}

export interface Annotation {
  readonly title: string
  readonly text: string
  /** Relative to the workspace; `line` from 1. */
  readonly place?: { readonly path: string; readonly line: number }
}

const properties = ({ place, title }: Omit<Annotation, "text">) => ({
  title: oneLine(title, 100),
  ...(place === undefined ? {} : { file: place.path, startLine: place.line })
})
