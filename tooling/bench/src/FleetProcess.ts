import { across } from "@keysweep/revocation/fleet/Fleet"
import { Effect, Either, Redacted } from "effect"
import { masterKeyOf } from "./EmulatorProcess.ts"
import { common, onAccountOf } from "./SweepRun.ts"

// A process of its own, because its memory is measured: disables every key of so many accounts, all at the same time.
const [baseUrl = "", home = "", accounts = "1", timeScale = "1"] = process.argv.slice(2)

const disable = (label: string) =>
  onAccountOf(
    { masterKey: Redacted.make(masterKeyOf(Number(label))), baseUrl, timeScale: Number(timeScale) },
    (sweep) => sweep.carryOut({ action: "disable", selector: { all: true }, reason: "bench" })
  )

const began = performance.now()
const ended = await Effect.runPromise(
  across(
    Array.from({ length: Number(accounts) }, (_, at) => String(at)),
    disable
  ).pipe(Effect.provide(common(home)))
)
const took = performance.now() - began
const undone = ended.flatMap(({ result }) => {
  if (Either.isLeft(result)) return [result.left.message]
  if (result.right._tag === "Nothing") return [result.right.detail]
  const { outcome, stopped } = result.right.receipt
  return outcome === "done" ? [] : [`${outcome}: ${stopped ?? "no proof"}`]
})
process.stdout.write(
  `${JSON.stringify({ took, undone: undone.length, why: (undone[0] ?? "").slice(0, 300), peak: process.resourceUsage().maxRSS * 1024 })}\n`
)
