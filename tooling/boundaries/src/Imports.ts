import { parseSync } from "rolldown/utils"

/** What a TypeScript file imports or re-exports, types included, in order. Dynamic imports count when literal. */
export const importsOf = (path: string, text: string): ReadonlyArray<string> => {
  const { errors, module } = parseSync(path, text)
  const first = errors[0]
  if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`)
  return [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap((name) => (name.moduleRequest ? [name.moduleRequest.value] : []))
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const literal = /^["'`]([^"'`]*)["'`]$/.exec(text.slice(start, end))?.[1]
      return literal === undefined ? [] : [literal]
    })
  ]
}

/** `@noble/hashes/sha2.js` comes from the package `@noble/hashes`; a relative path or `node:fs` from none. */
export const packageName = (specifier: string): string | undefined =>
  /^(?!node:)(@[^/]+\/[^/]+|[^./@][^/]*)/.exec(specifier)?.[1]
