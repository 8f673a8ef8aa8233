import { Command } from "@effect/cli"
import { auditOf, auditOutcome, encodeAuditReport } from "@keysweep/revocation/Audit"
import { auditSarifOf } from "@keysweep/revocation/AuditSarif"
import { compareInventories, Drift } from "@keysweep/revocation/Drift"
import { Severity } from "@keysweep/revocation/Findings"
import { Effect, Either, Schema } from "effect"
import { Ended } from "../../CliError.ts"
import { lastInventory } from "../../LastInventory.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { auditCsv, auditMarkdown, auditText } from "../../render/AuditText.ts"
import { inventory as read } from "../../Reading.ts"
import { verb } from "../../Verb.ts"
import { version } from "../../Version.ts"
import { json, reach } from "../options.ts"
import { formatOf, tableFormats, wordOf, wordOption } from "../words.ts"

const formats = [...tableFormats, "sarif"] as const
const severities = [...Severity.literals, "never"] as const

const format = wordOption("format", formats, "Print in another form; sarif is for code scanning and names no key.")
const failOn = wordOption(
  "fail-on",
  severities,
  "Exit with 8 where something this bad, or worse, is found. Without it findings are no failure."
)

export const audit = verb(
  {
    about: "Show what is risky or odd about the account's keys, worst first. Reads only.",
    details: ["Also says what is different since the last inventory that this machine has seen."],
    examples: ["keysweep audit", "keysweep audit --fail-on error", "keysweep audit --format sarif > audit.sarif"]
  },
  Command.make("audit", { failOn, format, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const form = yield* formatOf(formats, typed, "table")
      const bar = yield* wordOf("--fail-on", severities, typed.failOn, "never")
      const before = yield* lastInventory(typed.account)
      const inventory = yield* read(typed)
      const report = auditOf(inventory)
      const drift = before === null ? null : Either.getOrNull(compareInventories(before, inventory))
      const { out } = yield* Output
      switch (form) {
        case "json":
          yield* printDocument({ ...encodeAuditReport(report), drift: encodeDrift(drift) })
          break
        case "sarif":
          yield* printDocument(auditSarifOf(report, version))
          break
        case "csv":
          yield* print(auditCsv(report))
          break
        case "md":
          yield* print(auditMarkdown(report))
          break
        case "table":
          yield* print(auditText(report, drift, out.style, yield* out.width))
      }
      const outcome = auditOutcome(report, bar)
      if (outcome !== "done") return yield* new Ended({ outcome })
    })
  )
)

const encodeDrift = Schema.encodeSync(Schema.NullOr(Drift))
