import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import { Effect } from "effect"
import type { GateResult } from "./GateResult.ts"

/** The gate's check "log": of one that is not what was written nothing is planned and nothing run. */
export const logCheck = Effect.gen(function* () {
  const log = yield* Effect.flatMap(Log, (it) => it.verify())
  if (log.ok) return pass("log", log.records === 0 ? "nothing is on record yet" : `${log.records} records, all signed`)
  // A process that was killed leaves that behind, or one that is writing now; the next write mends it, and says so.
  return log.problem === "torn" || log.problem === "unsigned"
    ? result("log", "warn", log.detail, null)
    : result("log", "block", `record ${log.seq}: ${log.detail}`, "put an untouched copy of the log back")
})

/** The gate's check "backup", while a plan is made. The run takes its own, and does nothing without it. */
export const backupCheck = Effect.gen(function* () {
  const backups = yield* Backups
  const all = yield* backups.list
  const newest = all.at(-1)
  if (newest === undefined) return pass("backup", "the first is taken, and read back, before the first write")
  return yield* backups.verify(newest.id).pipe(
    Effect.map(({ opened }) => pass("backup", `${all.length} there; the newest is whole${opened ? " and opens" : ""}`)),
    Effect.catchTag("BackupDamaged", ({ message }) =>
      Effect.succeed(result("backup", "warn", message, "look at the disk, and make a new one: keysweep backup create"))
    )
  )
})

type Check = "log" | "backup"

const pass = (check: Check, detail: string): GateResult => result(check, "pass", detail, null)

const result = (check: Check, result: GateResult["result"], detail: string, lift: GateResult["lift"]): GateResult => ({
  check,
  result,
  detail,
  lift
})
