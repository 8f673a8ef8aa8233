import { Args, Command, Options } from "@effect/cli"
import { scan as search, type ScanProgress } from "@keysweep/revocation/scan/Scan"
import { sarifOf } from "@keysweep/revocation/scan/Sarif"
import { type ScanBar, scanOutcome } from "@keysweep/revocation/scan/ScanOutcome"
import { keptScan, ScanMemory } from "@keysweep/revocation/scan/ScanMemory"
import { encodeScanReport } from "@keysweep/revocation/scan/ScanReport"
import { Effect } from "effect"
import { Ended } from "../../CliError.ts"
import { home } from "../../Environment.ts"
import { account } from "../../GivenAccount.ts"
import { Output, print, printDocument, type Sink } from "../../Output.ts"
import { reading } from "../../Reading.ts"
import { scanText } from "../../render/ScanText.ts"
import { truncate } from "../../render/Table.ts"
import { counted } from "../../render/Words.ts"
import { verb } from "../../Verb.ts"
import { version } from "../../Version.ts"
import { json, reach } from "../options.ts"
import { formatOf, wordOf, wordOption } from "../words.ts"

const formats = ["table", "sarif"] as const
const bars = ["known", "any", "never"] as const satisfies ReadonlyArray<ScanBar>

const paths = Args.text({ name: "PATH" }).pipe(
  Args.withDescription("files and folders; the working directory without any"),
  Args.repeated
)
const history = Options.boolean("history").pipe(
  Options.withDescription("Also every version of every file that the repository has ever held.")
)
const everything = Options.boolean("everything").pipe(
  Options.withDescription("Ignored files too, but for .git and node_modules.")
)
const format = wordOption("format", formats, "sarif is for code scanning.")
const failOn = wordOption(
  "fail-on",
  bars,
  "known: exit with 8 where a key of the account is found, which is what happens without it. any: where anything looks like a secret."
)

export const scan = verb(
  {
    about: "Find where the account's keys are written down. Shows places and ids, never a key.",
    details: [
      "Reads the account's keys, then looks for their values in the work tree: in what git tracks and does not ignore, or everywhere below a folder that is in no repository. The keys stay in memory. Places and ids are kept in the home folder: plans and keysweep show say where keys are written down."
    ],
    examples: [
      "keysweep scan",
      "keysweep scan deploy .env --json",
      "keysweep scan --history --format sarif > scan.sarif"
    ]
  },
  Command.make("scan", { paths, history, everything, failOn, format, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const form = yield* formatOf(formats, typed, "table")
      const bar = yield* wordOf("--fail-on", bars, typed.failOn, "known")
      const { masterKey } = yield* account(typed.account)
      const { account: id, listing } = yield* reading(typed)
      const { err, out } = yield* Output
      const searched = { folder: ".", paths: typed.paths.length === 0 ? undefined : typed.paths }
      const report = yield* search({
        ...searched,
        history: typed.history,
        everything: typed.everything,
        known: listing.secrets,
        masterKey,
        onProgress: typed.quiet || !err.isLive ? undefined : progress(err)
      }).pipe(Effect.ensuring(err.live([])))
      yield* Effect.flatMap(ScanMemory, (memory) =>
        memory.keep(id, keptScan(report, searched, listing.secrets.keys()))
      ).pipe(Effect.provide(ScanMemory.layerFiles(yield* home)))
      switch (form) {
        case "json":
          yield* printDocument(encodeScanReport(report))
          break
        case "sarif":
          yield* printDocument(sarifOf(report, version))
          break
        case "table": {
          const names = new Map(listing.keys.map((key) => [key.id, key.name]))
          yield* print(scanText(report, names, out.style, yield* out.width))
        }
      }
      const outcome = scanOutcome(report, bar)
      if (outcome !== "done") return yield* new Ended({ outcome })
    })
  )
)

const progress =
  (err: Sink) =>
  ({ done, findings, phase, total }: ScanProgress): Effect.Effect<void> =>
    Effect.flatMap(err.width, (width) => {
      const text = `Searching ${phase === "files" ? "files" : "the history"} ${done}/${total} · ${counted(findings, "place")} so far`
      return err.live([err.style.dim(truncate(text, width - 1))])
    })
