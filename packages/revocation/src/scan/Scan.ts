import { resolve } from "node:path"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime, Effect, Schema } from "effect"
import { makeFileScan } from "./FileScan.ts"
import { searchTarget } from "./FileSearch.ts"
import { inRepository } from "./GitFiles.ts"
import { gitHistory } from "./GitHistory.ts"
import { makeMatcher, type Wanted } from "./Matcher.ts"
import type { RawPath } from "./RawPath.ts"
import type { ScanReport } from "./ScanReport.ts"
import { inOrder, makeTally } from "./ScanTally.ts"

export interface ScanOptions extends Wanted {
  /** Where paths begin. */
  readonly folder: string
  /**
   * Files and folders instead of the whole folder, relative to it. A file that is named is searched though it is ignored,
   * and a link that is named is followed.
   */
  readonly paths?: ReadonlyArray<string> | undefined
  /**
   * Ignored files too: everything below a folder but for `.git` and `node_modules`. So it is outside a repository, and
   * in a folder that is itself ignored.
   */
  readonly everything?: boolean | undefined
  /** Every version of every file that the repository of `folder` has ever held, as well. */
  readonly history?: boolean | undefined
  readonly onProgress?: ((progress: ScanProgress) => Effect.Effect<void>) | undefined
}

export interface ScanProgress {
  readonly phase: "files" | "history"
  /** Files of the folder at hand, or versions of files in the history. */
  readonly done: number
  readonly total: number
  readonly findings: number
}

/** The scan could not begin, or git failed. `detail` is foreign text in part. */
export class ScanFailed extends Schema.TaggedError<ScanFailed>()("ScanFailed", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}
/**
 * Finds where the secrets of an account are written down. Only reads; runs nothing but git. Safe to repeat. No secret is in
 * the report, not even one that is part of a file's name.
 *
 * What cannot be read does not end the scan: it is listed, and the report is not `complete`.
 */
export const scan = (options: ScanOptions): Effect.Effect<ScanReport, ScanFailed> =>
  Effect.gen(function* () {
    const at = yield* DateTime.now
    const folder = resolve(options.folder)
    const matcher = makeMatcher(options)
    const scanner = makeFileScan(matcher)
    const tally = makeTally(matcher)
    const report = (phase: ScanProgress["phase"]) => (done: number, total: number) =>
      options.onProgress?.({ phase, done, total, findings: tally.findings.length }) ?? Effect.void

    const search = {
      everything: options.everything ?? false,
      scanner,
      tally,
      onFiles: report("files"),
      seen: options.paths === undefined ? null : new Set<RawPath>(),
      files: 0,
      bytes: 0
    }
    for (const path of options.paths ?? ["."]) yield* searchTarget(search, folder, path)

    let blobs: number | null = null
    if (options.history === true) {
      if (!inRepository(folder))
        return yield* new ScanFailed({ detail: `${folder} is in no repository: it has no history` })
      const past = yield* gitHistory(folder, scanner.bytes, report("history"))
      blobs = past.blobs
      for (const { commit, path, scanned } of past.files) tally.file(path, scanned, commit)
      for (const problem of past.problems) tally.problem(problem)
    }

    const { findings, unscanned } = tally
    const complete = unscanned.length === 0
    const counts = { complete, files: search.files, bytes: search.bytes, blobs }
    return { schema: "keysweep.scan/1" as const, at, ...counts, findings: inOrder(findings), unscanned }
  }).pipe(
    Effect.catchTag("GitFailed", ({ detail }) => new ScanFailed({ detail: `git failed: ${oneLine(detail)}` })),
    Effect.withSpan("Scan.scan")
  )
