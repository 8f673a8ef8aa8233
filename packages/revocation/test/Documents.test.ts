import { assert, describe, expect, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { Either, Schema } from "effect"
import { auditOf } from "../src/Audit.ts"
import { documents, jsonSchemaOf } from "../src/Documents.ts"
import { compareInventories } from "../src/Drift.ts"
import { evidenceOf } from "../src/Evidence.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { makePlan } from "../src/Plan.ts"
import { policyTest } from "../src/PolicyTest.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { factsOf, readingOf } from "./support.ts"

const reading = readingOf([{ name: "a" }, { name: "b", is_active: false, last_used: null }])
const inventory = inventoryOf(reading)
const planning = Either.getOrThrow(makePlan({ action: "delete", selector: { all: true } }, factsOf(reading)))
const written: { readonly [name: string]: unknown } = {
  "audit-1": auditOf(inventory),
  "drift-1": Either.getOrThrow(compareInventories(inventory, inventoryOf(readingOf([{ name: "c" }])))),
  "evidence-1": evidenceOf(inventory.keys[0] ?? assert.fail(), {
    inventory,
    previous: inventory,
    log: [],
    settings: Settings.none,
    stored: () => "unknown"
  }),
  "inventory-1": inventory,
  "plan-1": planning._tag === "Plan" ? planning.plan : undefined,
  "policy-test-1": policyTest(Settings.none, inventory)
}

describe("Documents", () => {
  for (const [name, schema] of Object.entries(documents)) {
    it(`docs/schemas/${name}.json is what the code says`, async () => {
      await expect(`${JSON.stringify(jsonSchemaOf(schema), null, 2)}\n`).toMatchFileSnapshot(
        `../../../docs/schemas/${name}.json`
      )
    })
  }

  for (const [name, value] of Object.entries(written)) {
    it(`what is written as ${name} fits its published schema`, () => {
      const schema = documents[name] ?? assert.fail()
      const document: unknown = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(schema)(value)))
      const validate = new Ajv({ allErrors: true, strict: false }).compile(Object(jsonSchemaOf(schema)))
      assert.isTrue(validate(document), JSON.stringify(validate.errors))
      assert.isTrue(validate(Object.assign(Object(document), { later: 1 })))
      assert.isFalse(validate({}))
    })
  }

  it("a settings file fits its published schema, and a misspelt one does not", () => {
    const validate = new Ajv({ strict: false }).compile(Object(jsonSchemaOf(documents["settings"] ?? assert.fail())))
    const text = {
      people: [{ name: "Ada", slack: "U1" }],
      approvals: { delete: 1 },
      liveUse: "24h",
      protected: [{ name: "prod-*" }]
    }
    assert.isTrue(validate(text), JSON.stringify(validate.errors))
    assert.isTrue(Either.isRight(parseSettings("f", JSON.stringify(text))))
    assert.isFalse(validate({ protekted: [] }))
  })
})
