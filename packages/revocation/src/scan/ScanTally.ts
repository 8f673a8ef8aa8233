import { oneLine } from "@keysweep/core/SafeText"
import { maxSpots, type Scanned } from "./ByteScan.ts"
import type { Problem } from "./FileList.ts"
import type { Matcher } from "./Matcher.ts"
import { pathBytes, type RawPath, rawPath, shownPath } from "./RawPath.ts"
import type { ScanFinding, Unscanned } from "./ScanReport.ts"

/** What a scan has found so far. Paths come in as bytes and are kept as text that shows no secret. */
export interface ScanTally {
  readonly findings: ReadonlyArray<ScanFinding>
  readonly unscanned: ReadonlyArray<Unscanned>
  readonly file: (path: RawPath, scanned: Scanned, commit: string | null) => void
  /** The path itself may hold a secret; a folder is looked at once, however many files it has. */
  readonly name: (path: RawPath) => void
  readonly problem: (problem: Problem) => void
}

export const makeTally = (matcher: Matcher): ScanTally => {
  const findings: Array<ScanFinding> = []
  const unscanned: Array<Unscanned> = []
  const named = new Set<RawPath>()

  const problem = ({ path, reason }: Problem): void => {
    unscanned.push({ path: shownPath(matcher, path), reason: oneLine(shownPath(matcher, rawPath(reason))) })
  }

  return {
    findings,
    unscanned,
    problem,
    file: (path, { spots, whole }, commit) => {
      if (spots.length === 0) return
      const shown = shownPath(matcher, path)
      for (const { column, line, match, offset } of spots) {
        const { key, kind, known, secret } = match
        findings.push({ path: shown, line, column, offset, secret, key, known, kind, commit })
      }
      if (!whole) problem({ path, reason: `it holds more than ${maxSpots} secrets; the others are not listed` })
    },
    name: (path) => {
      if (!path.includes("ek-")) return
      const bytes = pathBytes(path)
      for (const { at, key, known, length, secret } of matcher.find(bytes, 0, bytes.length)) {
        const upTo = path.slice(0, at + length)
        if (named.has(upTo)) continue
        named.add(upTo)
        const nowhere = { line: null, column: null, offset: null, commit: null }
        findings.push({ path: shownPath(matcher, path), ...nowhere, secret, key, known, kind: "name" })
      }
    }
  }
}

/** What is in the files now comes first, then the history; by path, then by place. */
export const inOrder = (findings: ReadonlyArray<ScanFinding>): ReadonlyArray<ScanFinding> =>
  [...findings].sort(
    (one, other) =>
      Number(one.commit !== null) - Number(other.commit !== null) ||
      compareTexts(one.path, other.path) ||
      compareTexts(one.commit ?? "", other.commit ?? "") ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0) ||
      (one.offset ?? 0) - (other.offset ?? 0)
  )

const compareTexts = (one: string, other: string): number => {
  if (one === other) return 0
  return one < other ? -1 : 1
}
