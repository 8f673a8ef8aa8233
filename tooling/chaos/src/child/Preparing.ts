import { encodePlan } from "@keysweep/revocation/Plan"
import type { PlanRequest } from "@keysweep/revocation/PlanRequest"
import { encodeReplacePlan, type ReplaceRequest } from "@keysweep/revocation/replace/ReplacePlan"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Sweep } from "@keysweep/revocation/Sweep"
import { RunId } from "@keysweep/audit/RunId"
import { Duration, Effect } from "effect"
import { writeFileSync } from "node:fs"
import type { Task } from "./Job.ts"
import { sinkOf } from "./Renewing.ts"

type Preparation = Extract<Task, { readonly _tag: "Prepare" }>

export const toOffice = { models: ["a"], addresses: ["192.0.2.7"], limitType: "daily" } as const

/** Does what must have been done before, and writes the plan of what is tried. */
export const prepare = (task: Preparation, sink: string) =>
  Effect.gen(function* () {
    const { file, keys } = task
    const request = { selector: { keys }, reason: "chaos" }
    switch (task.for) {
      case "run-due":
        yield* carried({ ...request, action: "disable", thenDelete: { after: Duration.millis(200) } })
        return
      case "undo": {
        const run = yield* carried({ ...request, action: "contain", narrow: toOffice })
        const sweep = yield* Sweep
        const planning = yield* Effect.flatMap(sweep.undo(RunId.make(run)), sweep.plan)
        if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
        writeFileSync(file, JSON.stringify(encodePlan(planning.plan)))
        return
      }
      case "recreate":
        yield* carried({ ...request, action: "delete" })
        return yield* planNewKeys(file, { ...request, action: "recreate", sinks: [sinkOf(`dotenv:${sink}`)] })
      case "rotate":
        return yield* planNewKeys(file, {
          ...request,
          action: "rotate",
          sinks: [sinkOf(`dotenv:${sink}`)],
          wait: Duration.millis(300),
          soak: Duration.zero
        })
    }
  }).pipe(Effect.as({ ended: "planned", detail: "" }))

const carried = (request: PlanRequest) =>
  Effect.gen(function* () {
    const did = yield* Effect.flatMap(Sweep, (sweep) => sweep.carryOut(request))
    if (did._tag === "Receipt" && did.receipt.outcome === "done") return did.receipt.run
    return yield* Effect.dieMessage(`not prepared: ${did._tag === "Receipt" ? did.receipt.outcome : did.detail}`)
  })

const planNewKeys = (file: string, request: ReplaceRequest) =>
  Effect.gen(function* () {
    const planning = yield* Effect.flatMap(Replacements, (replacements) => replacements.plan(request))
    if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
    writeFileSync(file, JSON.stringify(encodeReplacePlan(planning.plan)))
  })
