import { Either } from "effect"
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, stringify } from "yaml"

/** A YAML 1.2 text as plain data; the failure names line and column. Aliases are limited, duplicate fields refused. */
export const yamlDocument = (text: string): Either.Either<unknown, string> => {
  const document = parseDocument(text, { uniqueKeys: true, strict: true })
  const [problem] = document.errors
  if (problem !== undefined) {
    const [start] = problem.linePos ?? []
    const where = start === undefined ? "" : ` (line ${start.line}, column ${start.col})`
    return Either.left(`not valid YAML: ${problem.code.toLowerCase().replaceAll("_", " ")}${where}`)
  }
  return Either.try({
    try: () => document.toJS({ maxAliasCount: 100 }),
    catch: () => "not valid YAML: too many aliases"
  })
}

/** The line of a field, or of the nearest thing around it that is there. */
export const yamlLine = (text: string, path: ReadonlyArray<PropertyKey>): number | undefined => {
  const lineCounter = new LineCounter()
  let node: unknown = parseDocument(text, { lineCounter }).contents
  let start: number | undefined
  for (const step of path) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined
    const item = isSeq(node) ? node.items[Number(step)] : pair?.key
    if (!isNode(item)) break
    start = item.range?.[0]
    node = pair === undefined ? item : pair.value
  }
  return start === undefined ? undefined : lineCounter.linePos(start).line
}

/** Plain data as YAML, without a line break at its end. */
export const yamlText = (content: object): string => stringify(content).trimEnd()
