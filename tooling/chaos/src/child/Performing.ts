import { Checkpoint } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { decodePlan, encodePlan, type Plan } from "@keysweep/revocation/Plan"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Duration, Effect, Either } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import type { Job, Task } from "./Job.ts"

interface Ended {
  readonly ended: string
  readonly detail: string
}

/** Does the task of a job, or goes on with it. Every failure of the product is an answer here. */
export const perform = ({ home, recover, task }: Job) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const did = yield* recover ? goOn(home, task) : start(home, task)
    if (!recover) return { ...did, again: null }
    // Adds a record, as whatever comes next would: it finds and signs what a killed process left behind.
    yield* sweep.books(Effect.flatMap(Log, (log) => log.append(Checkpoint.make({ anchor: "none", note: "chaos" }))))
    const again = "file" in task && !task._tag.startsWith("Plan") ? (yield* start(home, task)).ended : null
    return { ...did, again }
  })

const start = (home: string, task: Task) =>
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
      case "Apply":
      case "Retire": {
        const plan = readPlan(task.file)
        const receipt = yield* sweep.apply(plan, { plan: plan.hash, how: "hash" })
        const did = { ended: receipt.outcome, detail: receipt.stopped ?? "" }
        return task._tag === "Retire" && did.ended === "done" ? yield* due : did
      }
      case "Panic": {
        const receipt = yield* sweep.panic({
          reason: "chaos",
          home,
          choose: (choices) => Effect.succeed(choices.find(({ way }) => way === task.way)?.phrase ?? ""),
          onTrouble: () => Effect.void
        })
        return { ended: receipt.outcome, detail: receipt.stopped ?? "" }
      }
    }
  }).pipe(asAnswer)

/** What a scheduler does, once. */
const due = Effect.gen(function* () {
  const sweep = yield* Sweep
  const { outcome, soaking, waiting } = yield* sweep.runDue
  const ended = outcome === "nothing" && soaking.keys.length === 0 ? "done" : outcome
  return { ended, detail: waiting.map(({ why }) => why).join("; ") }
})

/** What somebody does who finds a dead process: resume; and where nothing had begun, the same thing once more. */
const goOn = (home: string, task: Task) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const resumed = yield* Effect.either(sweep.resume(null))
    if (Either.isRight(resumed)) {
      const did = { ended: resumed.right.outcome, detail: resumed.right.stopped ?? "" }
      return task._tag === "Retire" && did.ended === "done" ? yield* due : did
    }
    if (resumed.left._tag !== "ResumeRefused") return { ended: resumed.left._tag, detail: resumed.left.message }
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const begun = records.some(({ event }) => event._tag === "RunStarted")
    if (!begun) return yield* start(home, task)
    return task._tag === "Retire" ? yield* due : { ended: "nothing to resume", detail: resumed.left.message }
  }).pipe(asAnswer)

const toOffice = { models: ["a"], addresses: ["192.0.2.7"], limitType: "daily" } as const

const asAnswer = <E extends { readonly _tag: string; readonly message: string }, R>(
  effect: Effect.Effect<Ended, E, R>
): Effect.Effect<Ended, never, R> =>
  Effect.catchAll(effect, (error) => Effect.succeed({ ended: error._tag, detail: error.message }))

const readPlan = (file: string): Plan => Either.getOrThrow(decodePlan(readFileSync(file, "utf8")))
