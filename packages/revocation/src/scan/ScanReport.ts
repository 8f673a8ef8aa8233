import { KeyId } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { Schema } from "effect"

/** Which kind of secret a text is, by its prefix: `ek-proxy-`, `ek-`, `ek-dev-` (Coding Plan). */
export const SecretKind = Schema.Literal("proxy-key", "master-key", "dev-key")
export type SecretKind = typeof SecretKind.Type

/** One place where a secret is written down. Never the secret. */
export const ScanFinding = Schema.Struct({
  /**
   * Relative to the folder of the scan, with `/`; for a finding in history, to the top of the repository. Foreign text:
   * keys in it are replaced by their ids, control characters are not. Bytes that are not UTF-8 show as U+FFFD.
   */
  path: Schema.String,
  /** From 1; `null` in a binary file and for a file's name. Lines end at a line feed. */
  line: Schema.NullOr(Schema.Int),
  /** From 1, in UTF-16 code units, as editors and SARIF count. */
  column: Schema.NullOr(Schema.Int),
  /** Bytes from the beginning of a binary file; `null` where there is a line. */
  offset: Schema.NullOr(Schema.Int),
  secret: SecretKind,
  /** `null` for what is not a proxy key: the id of a master key is that of an account. */
  key: Schema.NullOr(KeyId),
  /** Found by its value. `false`: it has the shape of a key, but is none of those that were looked for. */
  known: Schema.Boolean,
  /** `name`: it is in the path itself. */
  kind: Schema.Literal("text", "base64", "name"),
  /** The oldest commit that has it, for a finding in history. `null`: in the file as it is now. */
  commit: Schema.NullOr(Schema.String)
})
export type ScanFinding = typeof ScanFinding.Type

/** `path:line:column`, as editors open it; for a finding in history, after its commit. One harmless line. */
export const placeOf = ({ column, commit, kind, line, offset, path }: ScanFinding): string => {
  const at = line === null ? (offset === null ? "" : ` at byte ${offset}`) : `:${line}:${column ?? 1}`
  const when = commit === null ? "" : `${commit.slice(0, 10)}:`
  return `${when}${oneLine(path, 300)}${kind === "name" ? " (its name)" : at}`
}

export const Unscanned = Schema.Struct({ path: Schema.String, reason: Schema.String })
export type Unscanned = typeof Unscanned.Type

export const ScanReport = Schema.Struct({
  schema: Schema.Literal("keysweep.scan/1"),
  at: Schema.DateTimeUtc,
  /** `false`: something that should have been searched was not. No finding then means nothing. */
  complete: Schema.Boolean,
  files: Schema.Int,
  bytes: Schema.Int,
  /** Versions of files that were searched in the history, each once; `null`: the history was not asked for. */
  blobs: Schema.NullOr(Schema.Int),
  /** By path, then by place; what is in the files now comes first. */
  findings: Schema.Array(ScanFinding),
  /** What was not searched, or not to its end, and why. */
  unscanned: Schema.Array(Unscanned)
}).annotations({ identifier: "ScanReport" })
export type ScanReport = typeof ScanReport.Type

/** The document that `--json` prints. */
export const encodeScanReport = Schema.encodeSync(ScanReport)
