import { Log } from "@keysweep/audit/Log"
import type { RunId } from "@keysweep/audit/RunId"
import { runToResume } from "@keysweep/revocation/Resume"
import { Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import type { Asker } from "../Errand.ts"
import { Errands } from "../Errands.ts"
import type { Desk } from "../Proceeding.ts"
import type { Failure } from "../Reply.ts"
import { Sweeps, userActor } from "../Sweeps.ts"

/** Goes on with a run that was cut off, wherever it was begun; what was confirmed then holds for the rest. */
export const resume = (wanted: RunId | null, asker: Asker): Effect.Effect<null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const errands = yield* Errands
    const sweeps = yield* Sweeps
    const { begin } = yield* AlarmClock
    const records = sweeps.as(userActor(asker.user), (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const run = yield* Effect.flatMap(records, (records) => runToResume(wanted, records))
    const { channel, responseUrl, user } = asker
    yield* Effect.flatMap(errands.open({ channel, responseUrl, user, run, panic: null }), begin)
    return null
  })
