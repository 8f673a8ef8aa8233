import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import { projectStream } from "@keysweep/audit/Projection"
import { Effect } from "effect"
import { counted } from "../render/Words.ts"
import { fail, type Judged, ok, warn } from "./Check.ts"
import { failed } from "./Machine.ts"

const log = Effect.gen(function* () {
  const verification = yield* Effect.flatMap(Log, (it) => it.verify())
  if (!verification.ok) return fail("log", verification.detail, "keysweep log verify", "records")
  const { records } = verification
  return ok("log", records === 0 ? "nothing was done here yet" : `${counted(records, "record")}, complete and signed`)
}).pipe(Effect.catchAll((error) => Effect.succeed(failed("log", error))))

/** The newest stands for all of them: `keysweep backup verify` looks at every one. */
const newestBackup = Effect.gen(function* () {
  const backups = yield* Backups
  const all = yield* backups.list
  const newest = all.at(-1)
  if (newest === undefined) return ok("backups", "none yet: each run begins with one")
  const { opened } = yield* backups.verify(newest.id)
  return ok("backups", `${counted(all.length, "backup")}; the newest is whole${opened ? " and opens" : ""}`)
}).pipe(Effect.catchAll((error) => Effect.succeed(failed("backups", error))))

const runs = Effect.gen(function* () {
  const { runs } = yield* projectStream((yield* Log).stream)
  const unfinished = [...runs.values()].filter(({ finished, started }) => started !== null && finished === null)
  return unfinished.length === 0
    ? ok("runs", "none is unfinished")
    : warn("runs", `${counted(unfinished.length, "run")} did not come to an end`, "keysweep resume")
}).pipe(Effect.catchAll((error) => Effect.succeed(failed("runs", error))))

/** Log, backups and runs of one account. Changes nothing. */
export const records: Effect.Effect<ReadonlyArray<Judged>, never, Log | Backups> = Effect.all([log, newestBackup, runs])
