import { builtinModules } from "node:module"
import { importsOf } from "./Imports.ts"
import { type Rule, under } from "./Tree.ts"

const platform = /^(?:node:|bun:|@effect\/platform-(?:node|bun|browser)(?:-shared)?(?:\/|$))/

/** core runs anywhere: no module of Node, by either name, and no platform of Effect. */
export const coreImportsNoNode: Rule = (tree) =>
  under(tree, /^packages\/core\/src\/.*\.ts$/).flatMap(([path, text]) =>
    importsOf(path, text)
      .filter((specifier) => platform.test(specifier) || builtinModules.includes(specifier))
      .map((specifier) => `${path} imports ${specifier}`)
  )

/** core's sources compile without the types of Node, which would let `process` and `Buffer` in unseen. Tests have them. */
export const coreHasNoNodeTypes: Rule = (tree) => [
  ...under(tree, /^packages\/core\/tsconfig(?:\.src)?\.json$/).flatMap(([path, text]) =>
    /"types":\s*\[[^\]]*"node"/.test(text) ? [`${path} brings the types of Node in`] : []
  ),
  ...under(tree, /^packages\/core\/src\/.*\.ts$/).flatMap(([path, text]) =>
    /^\/\/\/\s*<reference|\bNodeJS\./m.test(text) ? [`${path} refers to the types of Node`] : []
  )
]
