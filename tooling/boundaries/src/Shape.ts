import { type Rule, under } from "./Tree.ts"

const topLevel = new Set([
  ".changeset",
  ".ci",
  ".gitattributes",
  ".github",
  ".gitignore",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "AGENTS.md",
  "CONTEXT.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "apps",
  "docs",
  "package.json",
  "packages",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tooling",
  "tsconfig.base.json",
  "tsconfig.json",
  "turbo.json"
])

/** The first page somebody sees of the repository is its list of files: a new one there is a decision. */
export const topLevelIsClosed: Rule = (tree) =>
  [...new Set([...tree.keys()].map((path) => path.split("/")[0] ?? ""))]
    .filter((name) => !topLevel.has(name))
    .map((name) => `${name} is new at the top level`)

/** It is read at the start of every session with a tool: what does not fit in 60 lines belongs elsewhere. */
export const agentsPageIsShort: Rule = (tree) => {
  const lines = (tree.get("AGENTS.md") ?? "").trimEnd().split("\n").length
  return lines > 60 ? [`AGENTS.md has ${lines} lines`] : []
}

/** A rule that is wrong is changed in its configuration, for everybody and with a reason; it is not switched off here. */
export const noRuleIsSilenced: Rule = (tree) =>
  under(tree, /^(?:packages|apps|tooling)\/.*\.[cm]?ts$/).flatMap(([path, text]) =>
    [...text.matchAll(/(?:eslint|oxlint)-disable[\w-]*|@effect-diagnostics[\w-]*|@ts-(?:ignore|nocheck|expect-error)/g)]
      .filter(() => !path.startsWith("tooling/boundaries/"))
      .map(([found]) => `${path} says ${found}`)
  )
