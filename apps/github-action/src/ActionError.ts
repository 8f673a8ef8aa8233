import { Schema } from "effect"

export interface Mistake {
  /** The input that is wrong. */
  readonly input: string
  readonly detail: string
}

/** The step was not set up as `action.yml` says: all mistakes, found together. Nothing was done. */
export class InputsRefused extends Schema.TaggedError<InputsRefused>()("InputsRefused", {
  mistakes: Schema.Array(Schema.Struct({ input: Schema.String, detail: Schema.String }))
}) {
  override get message(): string {
    return this.mistakes.map(({ detail, input }) => `${input}: ${detail}`).join("; ")
  }
}

/** This is not a place where the step works: a fork's pull request, or no workflow at all. Nothing was done. */
export class PlaceRefused extends Schema.TaggedError<PlaceRefused>()("PlaceRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** A file of this step cannot be read or written. Nothing was done upstream. */
export class FileRefused extends Schema.TaggedError<FileRefused>()("FileRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** The records of earlier steps are not here, or not what an anchor says, and what was asked for needs them. */
export class RecordsRefused extends Schema.TaggedError<RecordsRefused>()("RecordsRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

export type ActionError = InputsRefused | PlaceRefused | FileRefused | RecordsRefused
