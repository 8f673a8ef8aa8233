import { Either, Option, Schema } from "effect"
import { type Leak, leakOf, type LeakOrigin } from "./Leak.ts"

/** What a report of leaked secrets says of this vendor's keys. */
export interface LeakReport {
  readonly leaks: ReadonlyArray<Leak>
  /** Findings of other kinds of secrets. */
  readonly others: number
}

/**
 * Reads the JSON of TruffleHog (one document a line), of ggshield, or of GitHub's secret scanning alerts. A report that
 * hides values or is none of these is refused, with the cure: of what cannot be read nobody knows what has leaked. The
 * failure never repeats what was read.
 */
export const parseLeakReport = (text: string): Either.Either<LeakReport, string> =>
  Either.gen(function* () {
    const documents = yield* documentsOf(text)
    const findings: Array<Finding> = []
    for (const document of documents) findings.push(...(yield* findingsOf(document)))
    const hidden = findings.find(({ hides }) => hides !== null)
    if (hidden !== undefined)
      return yield* Either.left(`the report hides values, so no key can be told: ${hidden.hides}`)
    const leaks = findings.flatMap(({ origin, texts }) => leakOf(texts, origin) ?? [])
    return { leaks, others: findings.length - leaks.length }
  })

interface Finding {
  readonly texts: ReadonlyArray<string>
  readonly origin: LeakOrigin
  /** What makes the program show the value, where it does not. */
  readonly hides: string | null
}

const documentsOf = (text: string): Either.Either<ReadonlyArray<unknown>, string> => {
  const whole = parse(text)
  // `gh api --paginate --slurp` makes a list of lists.
  if (Option.isSome(whole)) return Either.right(Array.isArray(whole.value) ? whole.value.flat() : [whole.value])
  const lines = text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [{ at, document: parse(line) }]))
  const bad = lines.find(({ document }) => Option.isNone(document))
  return bad === undefined
    ? Either.right(lines.flatMap(({ document }) => Option.toArray(document)))
    : Either.left(`line ${bad.at + 1} is not JSON`)
}

const parse = Schema.decodeOption(Schema.parseJson())

const findingsOf = (document: unknown): Either.Either<ReadonlyArray<Finding>, string> => {
  if (isLogLine(document)) return Either.right([])
  const read = [truffleHog, ggshield, gitHub].map((format) => format(document)).find(Option.isSome)
  return read === undefined
    ? Either.left("it is not the JSON of TruffleHog, of ggshield, or of GitHub's secret scanning alerts")
    : Either.right(read.value)
}

/** What TruffleHog says of itself, where both of its streams went into one file. */
const isLogLine = Schema.is(Schema.Struct({ level: Schema.String, logger: Schema.String, msg: Schema.String }))

const text = Schema.optional(Schema.NullOr(Schema.String))
const number = Schema.optional(Schema.NullOr(Schema.Number))

const TruffleHogFinding = Schema.Struct({
  SourceMetadata: Schema.Struct({
    Data: Schema.NullOr(
      Schema.Record({
        key: Schema.String,
        value: Schema.Struct({ file: text, line: number, repository: text, commit: text, link: text })
      })
    )
  }),
  DetectorName: Schema.String,
  Raw: Schema.String,
  RawV2: text,
  ExtraData: Schema.optional(Schema.NullOr(Schema.Struct({ name: text })))
})

const truffleHog = (document: unknown): Option.Option<ReadonlyArray<Finding>> =>
  Option.map(Schema.decodeUnknownOption(TruffleHogFinding)(document), (it) => {
    const [where] = Object.values(it.SourceMetadata.Data ?? {})
    const place = placeOf(where?.file, where?.line, where?.repository ?? null, where?.commit ?? null)
    return [
      {
        texts: [it.Raw, it.RawV2 ?? ""],
        // A detector of the user's own has its name here.
        origin: { source: "trufflehog", detector: it.ExtraData?.name ?? it.DetectorName, place: place ?? where?.link },
        hides: null
      }
    ]
  })

const Occurrence = Schema.Struct({
  match: Schema.String,
  line_start: number,
  pre_line_start: number,
  post_line_start: number
})
const Entity = Schema.Struct({
  filename: Schema.String,
  incidents: Schema.Array(Schema.Struct({ type: Schema.String, occurrences: Schema.Array(Occurrence) }))
})
const ScanFields = {
  id: text,
  type: text,
  total_incidents: Schema.Number,
  entities_with_incidents: Schema.optionalWith(Schema.Array(Entity), { default: () => [] })
}
const Scan = Schema.Struct({
  ...ScanFields,
  scans: Schema.optionalWith(Schema.Array(Schema.Struct(ScanFields)), { default: () => [] })
})

const ggshield = (document: unknown): Option.Option<ReadonlyArray<Finding>> =>
  Option.map(Schema.decodeUnknownOption(Scan)(document), (top) =>
    [top, ...top.scans].flatMap((scan) =>
      scan.entities_with_incidents.flatMap(({ filename, incidents }) =>
        incidents.flatMap(({ occurrences, type }) =>
          occurrences.map((it) => ({
            texts: [it.match],
            origin: {
              source: "ggshield" as const,
              detector: type,
              place: placeOf(
                filename,
                it.post_line_start ?? it.pre_line_start ?? it.line_start,
                null,
                scan.type === "commit" ? (scan.id ?? null) : null
              )
            },
            hides: /\*{2,}/.test(it.match) ? "run ggshield with --show-secrets" : null
          }))
        )
      )
    )
  )

const GitHubAlert = Schema.Struct({
  number: Schema.Number,
  secret_type: Schema.String,
  secret_type_display_name: text,
  secret: text,
  html_url: text,
  repository: Schema.optional(Schema.NullOr(Schema.Struct({ full_name: text }))),
  first_location_detected: Schema.optional(
    Schema.NullOr(Schema.Struct({ path: text, start_line: number, commit_sha: text }))
  )
})

const gitHub = (document: unknown): Option.Option<ReadonlyArray<Finding>> =>
  Option.map(Schema.decodeUnknownOption(GitHubAlert)(document), (it) => {
    const first = it.first_location_detected
    const repository =
      it.repository?.full_name ?? /^https:\/\/[^/]+\/([^/]+\/[^/]+)\//.exec(it.html_url ?? "")?.[1] ?? null
    return [
      {
        texts: [it.secret ?? ""],
        origin: {
          source: "github",
          detector: it.secret_type_display_name ?? it.secret_type,
          place: placeOf(first?.path, first?.start_line, repository, first?.commit_sha ?? null) ?? it.html_url
        },
        hides: typeof it.secret === "string" && it.secret !== "" ? null : "ask for the alerts without hide_secret"
      }
    ]
  })

const placeOf = (
  path: string | null | undefined,
  line: number | null | undefined,
  repository: string | null,
  commit: string | null
): string | null => {
  if (path === null || path === undefined || path === "") return null
  const at = typeof line === "number" ? `:${line}` : ""
  return `${path}${at}${repository === null ? "" : ` in ${repository}`}${commit === null ? "" : ` at ${commit.slice(0, 12)}`}`
}
