import { writeFileSync } from "node:fs"
import type { Arena } from "./Arena.ts"
import type { Job, Task } from "./child/Job.ts"
import type { ChildEnd } from "./Processes.ts"
import { masterKeyVariable, sunkIn } from "./SceneReading.ts"

/**
 * What somebody does who finds a dead process, by what the product tells them. A master key that is refused while a new
 * one was asked for is in its sink; or at the vendor's, if the message says so, and then a person puts it in the sink.
 */
export const recover = async (
  arena: Arena,
  task: Task,
  dialect: Job["dialect"],
  spending: Job["spending"] = null
): Promise<ChildEnd> => {
  const end = await arena.run({ dialect, task, recover: true, spending })
  const refused = end._tag === "Ended" && end.report.ended === "Unauthorized"
  if (task._tag !== "Regenerate" || !refused) return end
  const stored = sunkIn(arena.sink).get(masterKeyVariable)
  if (stored !== undefined) return arena.run({ dialect, task, recover: true, apiKey: stored })
  const { detail } = end.report
  if (!detail.includes(arena.sink) || !detail.includes("dashboard")) return end
  const { apiKey } = await arena.emulator.state()
  writeFileSync(arena.sink, `${masterKeyVariable}=${apiKey}\n`)
  return arena.run({ dialect, task, recover: true, apiKey })
}

/** Whether the last process says that all is done. A second master key within the hour is refused. */
export const isDone = (end: ChildEnd): boolean => {
  if (end._tag === "Killed") return false
  const { detail, ended } = end.report
  return (
    ended === "done" ||
    ended === "nothing to resume" ||
    (ended === "GateBlocked" && detail.includes("less than an hour"))
  )
}

/** What the last process said. */
export const saidBy = (end: ChildEnd): string => (end._tag === "Killed" ? "" : end.report.detail)

export const endText = (end: ChildEnd): string =>
  end._tag === "Killed" ? "a kill by nobody of ours" : `${end.report.ended}: ${end.report.detail}`
