import { Either } from "effect"
import { parseDocument, stringify } from "yaml"

/** A YAML 1.2 text as plain data; the failure names line and column. Aliases are limited, duplicate fields refused. */
export const yamlDocument = (text: string): Either.Either<unknown, string> => {
  const document = parseDocument(text, { uniqueKeys: true, strict: true })
  const [problem] = document.errors
  if (problem !== undefined) {
    const [start] = problem.linePos ?? []
    const where = start === undefined ? "" : ` (line ${start.line}, column ${start.col})`
    return Either.left(`not valid YAML: ${problem.code}${where}`)
  }
  return Either.try({
    try: () => document.toJS({ maxAliasCount: 100 }),
    catch: () => "not valid YAML: too many aliases"
  })
}

/** Plain data as YAML, without a line break at its end. */
export const yamlText = (content: object): string => stringify(content).trimEnd()
