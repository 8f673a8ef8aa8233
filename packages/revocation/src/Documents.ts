import { JSONSchema, type Schema } from "effect"
import { AuditReport } from "./Audit.ts"
import { Drift } from "./Drift.ts"
import { DueReport } from "./DueReport.ts"
import { Evidence } from "./Evidence.ts"
import { Inventory } from "./Inventory.ts"
import { Plan } from "./Plan.ts"
import { Regenerated } from "./masterkey/Regenerated.ts"
import { PolicyReport } from "./PolicyTest.ts"
import { Receipt } from "./Receipt.ts"
import { ReplacePlan } from "./replace/ReplacePlan.ts"
import { ReplaceReceipt } from "./replace/ReplaceReceipt.ts"
import { ScanReport } from "./scan/ScanReport.ts"
import { SettingsContent } from "./SettingsContent.ts"

/** The documents that programs may rely on, and the settings file, by the name of their published JSON Schema. */
export const documents: { readonly [name: string]: Schema.Schema.AnyNoContext } = {
  "audit-1": AuditReport,
  "drift-1": Drift,
  "due-1": DueReport,
  "evidence-1": Evidence,
  "inventory-1": Inventory,
  "plan-1": Plan,
  "policy-test-1": PolicyReport,
  "receipt-1": Receipt,
  "regeneration-1": Regenerated,
  "replacement-1": ReplaceReceipt,
  "replacement-plan-1": ReplacePlan,
  "scan-1": ScanReport,
  settings: SettingsContent
}

/**
 * JSON Schema (draft 7) of a document as it is written. A document may have more fields than these: a surface adds some,
 * a later version others. The settings file may not.
 */
export const jsonSchemaOf = (schema: Schema.Schema.AnyNoContext): unknown => {
  const $defs: Record<string, JSONSchema.JsonSchema7> = {}
  const root = JSONSchema.fromAST(schema.ast, {
    definitions: $defs,
    additionalPropertiesStrategy: schema === SettingsContent ? "strict" : "allow"
  })
  return { $schema: "http://json-schema.org/draft-07/schema#", $defs, ...root }
}
