import { Checkpoint } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { decodePlan, encodePlan, type Plan } from "@keysweep/revocation/Plan"
import { decodeReplacePlan, type ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import type { ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Duration, Effect, Either } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import type { Job, Task } from "./Job.ts"
import { prepare, toOffice } from "./Preparing.ts"
import { renew } from "./Renewing.ts"

export interface Ended {
  readonly ended: string
  readonly detail: string
}

/** Does the task of a job, or goes on with it. Every failure of the product is an answer here. */
export const perform = (job: Job) =>
  Effect.gen(function* () {
    const { recover, task } = job
    const sweep = yield* Sweep
    const did = yield* recover ? goOn(job, task) : start(job, task)
    if (!recover) return { ...did, again: null }
    // Adds a record, as whatever comes next would: it finds and signs what a killed process left behind.
    yield* sweep.books(Effect.flatMap(Log, (log) => log.append(Checkpoint.make({ anchor: "none", note: "chaos" }))))
    const once = task._tag === "Apply" || task._tag === "Retire" || task._tag === "Replace"
    return { ...did, again: once ? (yield* start(job, task)).ended : null }
  })

const start = (job: Job, task: Task) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    switch (task._tag) {
      case "Plan": {
        const { action, file, keys } = task
        const selector = action === "delete-all" ? {} : { selector: { keys } }
        const narrow = action === "contain" ? { narrow: toOffice } : {}
        const planning = yield* sweep.plan({ action, reason: "chaos", ...selector, ...narrow })
        if (planning._tag === "Nothing") return { ended: "nothing", detail: planning.detail }
        writeFileSync(file, JSON.stringify(encodePlan(planning.plan)))
        return { ended: "planned", detail: planning.plan.hash }
      }
      case "PlanRetirement": {
        const { file, keys } = task
        const thenDelete = { after: Duration.zero }
        const planning = yield* sweep.plan({ action: "disable", reason: "chaos", selector: { keys }, thenDelete })
        if (planning._tag === "Nothing") return { ended: "nothing", detail: planning.detail }
        writeFileSync(file, JSON.stringify(encodePlan(planning.plan)))
        return { ended: "planned", detail: planning.plan.hash }
      }
      case "Prepare":
        return yield* prepare(task, job.sink)
      case "Apply":
      case "Retire": {
        const plan = readPlan(task.file)
        const receipt = yield* sweep.apply(plan, { plan: plan.hash, how: "hash" })
        return yield* andDue(task, { ended: receipt.outcome, detail: receipt.stopped ?? "" })
      }
      case "Replace": {
        const plan = readReplacePlan(task.file)
        const replacements = yield* Replacements
        return yield* andDue(task, told(yield* replacements.apply(plan, { plan: plan.hash, how: "hash" })))
      }
      case "RunDue":
        return yield* due
      case "Regenerate":
        return yield* renew(job.sink)
      case "Panic": {
        const receipt = yield* sweep.panic({
          reason: "chaos",
          home: job.home,
          choose: (choices) => Effect.succeed(choices.find(({ way }) => way === task.way)?.phrase ?? ""),
          onTrouble: () => Effect.void
        })
        return { ended: receipt.outcome, detail: receipt.stopped ?? "" }
      }
    }
  }).pipe(asAnswer)

const told = ({ keys, outcome, stopped }: ReplaceReceipt): Ended => ({
  ended: outcome,
  detail: [stopped ?? "", ...keys.map(({ detail }) => detail)].filter((text) => text !== "").join("; ")
})

const deletes = (task: Task) => task._tag === "Retire" || (task._tag === "Replace" && task.due)

const andDue = (task: Task, did: Ended) => (deletes(task) && did.ended === "done" ? due : Effect.succeed(did))

/** What a scheduler does, once: at the next moment at which something is due. */
const due = Effect.gen(function* () {
  const sweep = yield* Sweep
  const { next } = yield* sweep.soaking
  if (next !== null) yield* Effect.sleep(Duration.millis(DateTime.distance(yield* DateTime.now, next) + 1))
  const { outcome, soaking, waiting } = yield* sweep.runDue
  const ended = outcome === "nothing" && soaking.keys.length === 0 ? "done" : outcome
  return { ended, detail: waiting.map(({ why }) => why).join("; ") }
})

/**
 * What somebody does who finds a dead process: resume; and where nothing had begun, the same thing once more. A scheduler
 * knows of no dead process, and a regeneration is asked for anew.
 */
const goOn = (job: Job, task: Task) =>
  Effect.gen(function* () {
    if (task._tag === "RunDue" || task._tag === "Regenerate") return yield* start(job, task)
    const resumed = yield* Effect.either(resume(task))
    if (Either.isRight(resumed)) return yield* andDue(task, resumed.right)
    if (resumed.left._tag !== "ResumeRefused") return { ended: resumed.left._tag, detail: resumed.left.message }
    if (!(yield* hasBegun(task))) return yield* start(job, task)
    return deletes(task) ? yield* due : { ended: "nothing to resume", detail: resumed.left.message }
  }).pipe(asAnswer)

const resume = (task: Task): Effect.Effect<Ended, SweepError, Replacements | Sweep> =>
  task._tag === "Replace"
    ? Effect.flatMap(Replacements, (replacements) => Effect.map(replacements.resume(null), told))
    : Effect.flatMap(Sweep, (sweep) => sweep.resume(null)).pipe(
        Effect.map(({ outcome, stopped }): Ended => ({ ended: outcome, detail: stopped ?? "" }))
      )

const hasBegun = (task: Task) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const plan =
      "file" in task ? (task._tag === "Replace" ? readReplacePlan(task.file) : readPlan(task.file)).hash : null
    return records.some(({ event }) => event._tag === "RunStarted" && (plan === null || event.plan === plan))
  })

const asAnswer = <E extends { readonly _tag: string; readonly message: string }, R>(
  effect: Effect.Effect<Ended, E, R>
): Effect.Effect<Ended, never, R> =>
  Effect.catchAll(effect, (error) => Effect.succeed({ ended: error._tag, detail: error.message }))

const readPlan = (file: string): Plan => Either.getOrThrow(decodePlan(readFileSync(file, "utf8")))

const readReplacePlan = (file: string): ReplacePlan => Either.getOrThrow(decodeReplacePlan(readFileSync(file, "utf8")))
