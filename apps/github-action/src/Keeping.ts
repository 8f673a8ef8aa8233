import { BackupStore } from "@keysweep/audit/BackupStore"
import { Log } from "@keysweep/audit/Log"
import type { AccountId } from "@keysweep/core/Account"
import type { Settings } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Chunk, Effect, Option, Stream } from "effect"
import { RecordsRefused } from "./ActionError.ts"
import { type Memory, memoryOf } from "./Memory.ts"
import type { Inputs } from "./Inputs.ts"
import { Records } from "./Records.ts"
import type { Step } from "./Step.ts"

/** What a step leaves for others; `null`: there is none. */
export interface Kept {
  readonly folder: string
  readonly logPath: string | null
  readonly statePath: string | null
  readonly anchor: string | null
  readonly memory: Memory | null
  /** Why records are missing that should be there. */
  readonly trouble: string | null
}

const nothingKept = { logPath: null, statePath: null, anchor: null, memory: null, trouble: null }

/** Log and state of the account as they are now. It never fails: what a step did is not undone by a full disk. */
export const keep = (step: Step): Effect.Effect<Kept, never, Records | Sweep | Settings> =>
  Effect.gen(function* () {
    const records = yield* Records
    const sweep = yield* Sweep
    const saved = Effect.gen(function* () {
      const { anchor, lines } = yield* sweep.books(
        Effect.gen(function* () {
          const log = yield* Log
          return { anchor: yield* log.anchor, lines: Chunk.toReadonlyArray(yield* Stream.runCollect(log.bundle)) }
        })
      )
      const logPath = anchor === null ? null : yield* records.keep({ name: "log.bundle" }, lines.join(""), "recipients")
      const memory = yield* memoryOf(step)
      const statePath = memory === "state" ? yield* records.leave : null
      return { ...nothingKept, anchor, logPath, statePath, memory }
    })
    const kept = yield* Effect.catchAll(saved, (error) => Effect.succeed({ ...nothingKept, trouble: error.message }))
    return { ...kept, folder: records.folder }
  })

/** The log that was taken in must be sound, and hold what the anchor says. */
export const checked = (inputs: Inputs) =>
  Effect.gen(function* () {
    const { takenFrom } = yield* Records
    if (takenFrom === null && inputs.anchor === "") return
    const sweep = yield* Sweep
    const verification = yield* sweep.books(Effect.flatMap(Log, (log) => log.verify(inputs.anchor || undefined)))
    if (!verification.ok) {
      return yield* new RecordsRefused({
        detail: `The log is not what it should be (${verification.problem}: ${verification.detail}); nothing was changed. Take the newest state, and see docs/github-actions/records.md.`
      })
    }
  })

/** The encrypted file of a backup among the records of this step. */
export const keepBackup = (account: AccountId, id: string) =>
  Effect.gen(function* () {
    const store = yield* BackupStore
    const records = yield* Records
    const found = yield* store.get(account, id)
    // Sealed already.
    return Option.isNone(found) ? null : yield* records.keep({ name: `${id}.age` }, found.value.sealed, "everybody")
  }).pipe(Effect.catchAll(() => Effect.succeed(null)))
