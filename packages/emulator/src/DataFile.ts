import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { Either, ParseResult, Schema } from "effect"
import { EmulatorFailed } from "./EmulatorFailed.ts"
import { StateDocument } from "./AccountState.ts"

const Document = Schema.parseJson(StateDocument)

/** Reads a state document, as `GET state` gives it. */
export const readStateFile = (path: string): Either.Either<StateDocument, EmulatorFailed> =>
  Either.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => new EmulatorFailed({ detail: `Cannot read ${path}.` })
  }).pipe(Either.flatMap((text) => decodeState(text, path)))

/** The state kept in the file, if there is a file. */
export const readDataFile = (path: string): Either.Either<StateDocument | undefined, EmulatorFailed> =>
  existsSync(path) ? readStateFile(path) : Either.right(undefined)

/** Keeps what it is given; does nothing where nothing has changed. */
export type Keep = (accounts: StateDocument["accounts"]) => Either.Either<void, EmulatorFailed>

/** Replaces the file in one step, so that a reader or a crash sees the old state or the new one. */
export const keepIn = (path: string): Keep => {
  let kept = ""
  const temporary = `${path}.${process.pid}.tmp`
  return (accounts) => {
    const text = `${JSON.stringify({ accounts }, null, 2)}\n`
    if (text === kept) return Either.void
    return Either.try({
      try: () => {
        writeFileSync(temporary, text, { mode: 0o600 })
        renameSync(temporary, path)
        kept = text
      },
      catch: () => new EmulatorFailed({ detail: `Cannot write ${path}.` })
    })
  }
}

const decodeState = (text: string, path: string): Either.Either<StateDocument, EmulatorFailed> =>
  Schema.decodeUnknownEither(Document)(text).pipe(
    Either.mapLeft((error) => new EmulatorFailed({ detail: `${path} is not a state document: ${fieldsOf(error)}` }))
  )

/** Which fields are wrong, never what was in them: the file holds secrets. */
const fieldsOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .slice(0, 3)
    .map((issue) => issue.path.join(".") || "the document itself")
    .join(", ")
