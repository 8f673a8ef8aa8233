import { type Rule, type Tree, under } from "./Tree.ts"

/** A lockfile or a page that names a registry binds everybody to it; pnpm asks the registry that the user configured. */
export const noRegistryHost: Rule = (tree) =>
  mentions(
    tree,
    /https?:\/\/[^/\s"'`)]*(?:registry|artifactory|nexus|verdaccio|npmmirror|codeartifact)[^\s"'`)]*|tarball: https?:\S+/g
  )

/** An absolute path of somebody's machine is true on that machine only. The runners of GitHub are everybody's. */
export const noMachinePath: Rule = (tree) =>
  mentions(tree, /(?<![\w.:/~-])\/(?:Users|home|root|work)\/(?!runner\b)[\w.-]+|\b[A-Z]:\\Users\\\w+/g)

const mentions = (tree: Tree, pattern: RegExp): ReadonlyArray<string> =>
  under(tree, /^/).flatMap(([path, text]) => [...text.matchAll(pattern)].map(([found]) => `${path} mentions ${found}`))
