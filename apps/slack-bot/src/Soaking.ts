import { Log } from "@keysweep/audit/Log"
import { approversOf } from "@keysweep/revocation/Approval"
import { type SoakState, soakStateOf } from "@keysweep/revocation/SoakState"
import { Effect } from "effect"
import { Chores } from "./Chores.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import type { Ending, Request } from "./Request.ts"
import { keepShowing } from "./Show.ts"
import { SlackApi } from "./SlackApi.ts"
import { reminderMessage } from "./SoakBlocks.ts"
import { itself, Sweeps } from "./Sweeps.ts"
import { counted } from "./Words.ts"

/** What a request has let soak, and who approved that. */
export interface Soak {
  readonly state: SoakState
  readonly approvers: ReadonlyArray<string>
}

/** By the log alone; nothing as long as its run has not ended, or if it let nothing soak. */
export const soakOf = ({ plan }: Request): Effect.Effect<Soak | null, Failure, Sweeps> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const records = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const run = records.find(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)?.run ?? null
    const state = run === null ? null : soakStateOf(run, records)
    return state === null ? null : { state, approvers: approversOf(plan.hash, records) }
  })

/**
 * Shows what soaks, if anything of it has changed, and tells whoever asked and whoever approved what they should look at.
 * It deletes nothing. Gives the milliseconds until it has to be looked at again if nobody wakes it.
 */
export const attendSoak = (request: Request, { approvers, state }: Soak): Effect.Effect<number, Failure, Desk> =>
  Effect.gen(function* () {
    const { waiting } = yield* Effect.flatMap(Chores, (chores) => chores.note("soaks"))
    const why = waiting.find(({ run }) => run === state.run)?.why ?? null
    const isShown = yield* keepShowing(request, { _tag: "Soaking", state, waiting: why })
    const isTold = yield* remind(request, state, approvers)
    return isShown && isTold ? hour : minute
  }).pipe(Effect.withSpan("Soaking.attendSoak"))

const minute = 60_000
const hour = 60 * minute

/** In the thread of its message. `false`: the account is busy, and it was not tried. */
const remind = (request: Request, state: SoakState, approvers: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    if (request.ts === null) return true
    const { run } = state
    const due = yield* sweeps.as(itself, (sweep) => sweep.soakReminders(run, `slack:${request.id}`))
    if (due.length === 0) return true
    const people = [`slack:${request.requester}`, ...approvers]
    yield* Effect.catchAll(
      slack.post(request.channel, reminderMessage(state.receipt, people, due), request.ts),
      // It may have been taken, and its message shows it all the same.
      (error) => Effect.logError(error.message)
    )
    return true
  }).pipe(Effect.catchTag("LeaseHeld", () => Effect.succeed(false)))

/** What came of keys that were to be deleted, now that none of them soaks any more. */
export const endOfSoak = ({ deletions, ended, receipt }: SoakState): Omit<Ending, "at"> => {
  const deleted = deletions.flatMap(({ keys }) => keys.filter(({ outcome }) => outcome === "done"))
  const others = ended.map(({ how, id, name }) => `${name} (${id}): ${how}`)
  const outcome = deleted.length === 0 ? "nothing" : others.length > 0 ? "partial" : receipt.outcome
  return {
    outcome,
    detail: [
      `${counted(deleted.length, "key")} deleted after the soak.`,
      ...(others.length === 0 ? [] : [`Not deleted by it: ${others.join("; ")}.`])
    ].join(" "),
    receipt: deletions.at(-1) ?? null
  }
}
