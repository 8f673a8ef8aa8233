import { parse } from "yaml"
import { manifests } from "./Packages.ts"
import { type Rule, under } from "./Tree.ts"

const exact = /^(?:npm:[@\w./-]+@)?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/

/** The catalog is the only place where a version is written, and no version there is a range. */
export const catalogIsExact: Rule = (tree) => {
  const workspace = parse(tree.get("pnpm-workspace.yaml") ?? "") ?? {}
  const catalogs: ReadonlyArray<Record<string, unknown>> = [
    workspace.catalog ?? {},
    ...Object.values(workspace.catalogs ?? {})
  ]
  return catalogs.flatMap((catalog) =>
    Object.entries(catalog)
      .filter(([, version]) => !exact.test(String(version)))
      .map(([name, version]) => `pnpm-workspace.yaml: ${name} is ${String(version)}`)
  )
}

/** A manifest says `catalog:` or `workspace:*`. Peers say a range, because the user's own version has to fit in. */
export const manifestsUseTheCatalog: Rule = (tree) =>
  manifests(tree).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => version !== "catalog:" && version !== "workspace:*")
      .map(([name, version]) => `${path}: ${name} is ${version}`)
  )

/** One pnpm everywhere: what the pages and the CI say is what package.json pins. */
export const onePnpm: Rule = (tree) => {
  const pinned: unknown = JSON.parse(tree.get("package.json") ?? "{}").packageManager
  return under(tree, /^(?:README|AGENTS|CONTRIBUTING|docs\/.*)\.md$|^\.ci\/|^\.github\//).flatMap(([path, text]) =>
    [...text.matchAll(/\bpnpm@[0-9][\w.-]*/g)]
      .map(([mention]) => mention.replace(/[.-]$/, ""))
      .filter((mention) => mention !== pinned)
      .map((mention) => `${path} says ${mention}; package.json pins ${String(pinned)}`)
  )
}
