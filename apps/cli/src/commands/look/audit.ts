import { Command } from "@effect/cli"
import { auditOf, auditOutcome, encodeAuditReport } from "@keysweep/revocation/Audit"
import { auditSarifOf } from "@keysweep/revocation/AuditSarif"
import { compareInventories, Drift } from "@keysweep/revocation/Drift"
import { Severity } from "@keysweep/revocation/Findings"
import { Effect, Either, Schema } from "effect"
import { Ended } from "../../CliError.ts"
import type { Reach } from "../../GivenAccount.ts"
import { isSeveral } from "../../Several.ts"
import { lastInventory } from "../../LastInventory.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { auditCsv, auditMarkdown, auditText } from "../../render/AuditText.ts"
import { inventory as read } from "../../Reading.ts"
import { verb } from "../../Verb.ts"
import { version } from "../../Version.ts"
import { json, reaches } from "../options.ts"
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
  Command.make("audit", { failOn, format, json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      const form = yield* formatOf(formats, typed, "table")
      const bar = yield* wordOf("--fail-on", severities, typed.failOn, "never")
      if (isSeveral(typed)) {
        const { onEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        return yield* onEach(typed, form, (reach, style, width) =>
          Effect.map(audited(reach), ({ drift, report }) => ({
            outcome: auditOutcome(report, bar),
            document: { ...encodeAuditReport(report), drift: encodeDrift(drift) },
            text: auditText(report, drift, style, width)
          }))
        )
      }
      const { drift, report } = yield* audited(typed)
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

const audited = (reach: Reach) =>
  Effect.gen(function* () {
    const before = yield* lastInventory(reach.account)
    const inventory = yield* read(reach)
    const drift = before === null ? null : Either.getOrNull(compareInventories(before, inventory))
    return { report: auditOf(inventory), drift }
  })

const encodeDrift = Schema.encodeSync(Schema.NullOr(Drift))
