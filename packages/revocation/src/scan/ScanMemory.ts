import * as Files from "@keysweep/audit/store/Files"
import type { AccountId } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { join, resolve } from "node:path"
import { placeOf, type ScanReport } from "./ScanReport.ts"

/** One scan as it is kept: what was searched for which keys, and where they are now. No secret, and no history. */
export const KeptScan = Schema.Struct({
  at: Schema.DateTimeUtc,
  /** The folder, and the paths in it if not all of it was searched. */
  tree: Schema.String,
  complete: Schema.Boolean,
  /** The keys that were looked for. */
  keys: Schema.Array(KeyId),
  found: Schema.Array(Schema.Struct({ key: KeyId, place: Schema.String }))
})
export type KeptScan = typeof KeptScan.Type

export const keptScan = (
  report: ScanReport,
  searched: { readonly folder: string; readonly paths?: ReadonlyArray<string> | undefined },
  keys: Iterable<KeyId>
): KeptScan => ({
  at: report.at,
  tree: withoutSecrets([resolve(searched.folder), ...(searched.paths ?? [])].join(" ")),
  complete: report.complete,
  keys: [...keys],
  // Nobody takes a key out of an older version to use it.
  found: report.findings.flatMap((it) =>
    it.known && it.key !== null && it.commit === null ? [{ key: it.key, place: placeOf(it) }] : []
  )
})

/**
 * What the scans of an account found, the latest first. It is evidence and no guard: what cannot be read is unknown, and
 * what cannot be kept stops nothing.
 */
export class ScanMemory extends Context.Tag("@keysweep/revocation/ScanMemory")<
  ScanMemory,
  {
    readonly kept: (account: AccountId) => Effect.Effect<ReadonlyArray<KeptScan>>
    /** In place of the last scan of the same tree. */
    readonly keep: (account: AccountId, scan: KeptScan) => Effect.Effect<void>
  }
>() {
  /** `home/accounts/<account>/scans.json`, readable by its owner only. */
  static readonly layerFiles = (home: string) => {
    const fileOf = (account: AccountId) => join(home, "accounts", account, "scans.json")
    const kept = (account: AccountId) =>
      Files.readWhole(fileOf(account)).pipe(
        Effect.map(Option.flatMap((bytes) => decode(Buffer.from(bytes).toString("utf8")))),
        Effect.map(Option.getOrElse(() => [])),
        Effect.orElseSucceed(() => [])
      )
    return Layer.succeed(ScanMemory, {
      kept,
      keep: (account, scan) =>
        Effect.gen(function* () {
          const others = (yield* kept(account)).filter(({ tree }) => tree !== scan.tree)
          yield* Files.makeDir(join(home, "accounts", account))
          yield* Files.swapFile(fileOf(account), Buffer.from(encode([scan, ...others].slice(0, most))))
        }).pipe(Effect.ignore)
    })
  }
}

const most = 20

const File = Schema.parseJson(Schema.Array(KeptScan))
const decode = Schema.decodeUnknownOption(File)
const encode = Schema.encodeSync(File)

/**
 * Where one key is written down, tree by tree, as far as scans tell: the first places and how many there are. No places:
 * it was looked for in all of that tree. `unknown`: no kept scan looked for it, or none to its end.
 */
export const Stored = Schema.Union(
  Schema.Literal("unknown"),
  Schema.Array(
    Schema.Struct({
      tree: Schema.String,
      at: Schema.DateTimeUtc,
      count: Schema.Int,
      places: Schema.Array(Schema.String)
    })
  )
)
export type Stored = typeof Stored.Type

const shownPlaces = 5

/** Pure. */
export const storedIn = (scans: ReadonlyArray<KeptScan>): ((key: KeyId) => Stored) => {
  const indexed = scans.map(({ at, complete, found, keys, tree }) => {
    const places = new Map<KeyId, Array<string>>()
    for (const { key, place } of found) places.set(key, [...(places.get(key) ?? []), place])
    return { at, complete, keys: new Set(keys), places, tree }
  })
  return (key) => {
    const known = indexed.flatMap(({ at, complete, keys, places, tree }) => {
      const here = places.get(key) ?? []
      return keys.has(key) && (complete || here.length > 0)
        ? [{ tree, at, count: here.length, places: here.slice(0, shownPlaces) }]
        : []
    })
    return known.length === 0 ? "unknown" : known
  }
}

/** In how many places, in all trees together; 0 where nothing is known. */
export const placesOf = (stored: Stored): number =>
  stored === "unknown" ? 0 : stored.reduce((sum, { count }) => sum + count, 0)

/** The trees in which keys were looked for, each once, with the day. */
export const treesOf = (stored: ReadonlyArray<Stored>): string => {
  const trees = new Map(
    stored
      .flatMap((it) => (it === "unknown" ? [] : it))
      .map(({ at, tree }) => [tree, DateTime.formatIsoDate(at)] as const)
  )
  const texts = [...trees].map(([tree, day]) => `${tree} (scanned ${day})`)
  return texts.length > 3 ? `${texts.slice(0, 3).join(", ")} and ${texts.length - 3} more` : texts.join(", ")
}
