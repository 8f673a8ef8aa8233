import { importsOf, packageName } from "./Imports.ts"
import { packageOf, type Rule, sources, type Tree, under } from "./Tree.ts"

interface Manifest {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The parsed `package.json` files, by path. */
export const manifests = (tree: Tree): ReadonlyArray<readonly [path: string, manifest: Manifest]> =>
  under(tree, /(?:^|\/)package\.json$/).map(([path, text]) => {
    const manifest: Manifest = JSON.parse(text)
    return [path, manifest] as const
  })

const house = /^(?:effect|@effect\/.*|@keysweep\/.*|keysweep)$/

/** A vendor's package is imported by one source file of a package: its seam. A second one is in the wrong place. */
export const oneFilePerVendor: Rule = (tree) => {
  const seams = new Map<string, Set<string>>()
  for (const [path, text] of under(tree, sources)) {
    for (const specifier of importsOf(path, text)) {
      const vendor = packageName(specifier)
      if (vendor === undefined || house.test(vendor)) continue
      const seam = `${packageOf(path)} ${vendor}`
      seams.set(seam, (seams.get(seam) ?? new Set()).add(path))
    }
  }
  return [...seams]
    .filter(([, files]) => files.size > 1)
    .map(([seam, files]) => `${seam.split(" ")[1]} is imported by ${[...files].join(" and ")}`)
}

/** What a published package needs to run is a dependency or a peer of it: development dependencies are not installed. */
export const shippedImportsAreDependencies: Rule = (tree) =>
  manifests(tree).flatMap(([path, manifest]) => {
    if (!/^packages\/[^/]+\/package\.json$/.test(path)) return []
    const installed = { ...manifest.dependencies, ...manifest.peerDependencies }
    return under(tree, sources)
      .filter(([file]) => packageOf(file) === packageOf(path))
      .flatMap(([file, text]) =>
        importsOf(file, text)
          .map(packageName)
          .filter((name) => name !== undefined && name !== manifest.name && !(name in installed))
          .map((name) => `${file} imports ${name}, which its package does not depend on`)
      )
  })

/** `turbo boundaries` is silent about a package without a tag, so each has one that the root file has rules for. */
export const everyPackageHasATag: Rule = (tree) =>
  manifests(tree).flatMap(([path]) => {
    if (!/^(?:packages|apps|tooling)\/[^/]+\/package\.json$/.test(path)) return []
    const file = `${packageOf(path)}/turbo.json`
    const text = tree.get(file)
    if (text === undefined) return [`${file} is missing`]
    const rules = JSON.stringify(JSON.parse(tree.get("turbo.json") ?? "{}").boundaries ?? {})
    const tags: ReadonlyArray<string> = JSON.parse(text).tags ?? []
    return tags.some((tag) => rules.includes(`"${tag}"`)) ? [] : [`${file} has no tag that turbo.json has a rule for`]
  })
