import { Operator } from "@keysweep/audit/Actor"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { Account } from "@keysweep/core/Account"
import { DateTime, Effect } from "effect"
import { forecast } from "./Forecast.ts"
import { inventoryOf, type Reading } from "./Inventory.ts"
import { InventoryMemory } from "./InventoryMemory.ts"
import { leaksIn } from "./leak/LeakIntake.ts"
import { viewOf } from "./Permission.ts"
import type { PlanFacts } from "./Plan.ts"
import { masterKeyCheck } from "./masterkey/Incident.ts"
import { policyCheck } from "./Policy.ts"
import { backupCheck, logCheck } from "./RecordsCheck.ts"
import { ScanMemory } from "./scan/ScanMemory.ts"
import { ownersIn, Settings } from "./Settings.ts"
import { findingsIn, soaksOf } from "./Soak.ts"

/** What a plan is made from, beside the request. */
export const planFacts = (reading: Reading, records: ReadonlyArray<LogRecord>, elsewhere: PlanFacts["elsewhere"]) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const { timeScale } = yield* Account
    const { holds, soaks } = viewOf(records)
    const facts: PlanFacts = {
      reading,
      now: yield* DateTime.now,
      nonce: yield* Effect.sync(() => crypto.randomUUID()),
      estimate: yield* forecast,
      timeScale,
      settings,
      previous: yield* Effect.flatMap(InventoryMemory, (memory) => memory.last(reading.account)),
      scans: yield* Effect.flatMap(ScanMemory, (memory) => memory.kept(reading.account)),
      soaks: soaksOf({
        keys: reading.listing.keys,
        findings: findingsIn(inventoryOf(reading, ownersIn(settings))),
        records,
        soaks,
        settings,
        timeScale
      }),
      holds,
      leaked: leaksIn(records),
      elsewhere,
      origin: (yield* Operator).origin,
      fromLog: [policyCheck(settings, records), yield* logCheck, yield* backupCheck, ...masterKeyCheck(records)]
    }
    return facts
  })
