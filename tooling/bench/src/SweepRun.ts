import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import type { AccountOptions } from "@keysweep/core/Account"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { Progress } from "@keysweep/revocation/Progress"
import { Settings } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import * as SweepBase from "@keysweep/revocation/SweepBase"
import * as SweepStores from "@keysweep/revocation/SweepStores"
import { Effect, Layer, Redacted } from "effect"
import type { EmulatorProcess } from "./EmulatorProcess.ts"
import { timed } from "./Pairs.ts"

interface Target {
  readonly emulator: EmulatorProcess
  readonly home: string
  readonly timeScale: number
}

/** Milliseconds from the request of a person to the proof, for every key of the account, deleted one by one. */
export const deleteEachKey = (target: Target): Promise<number> =>
  timed(async () => {
    const carried = await withSweep(target, (sweep) =>
      sweep.carryOut({ action: "delete", selector: { all: true }, reason: "bench" })
    )
    const outcome = carried._tag === "Receipt" ? carried.receipt.outcome : carried.detail
    if (outcome !== "done") throw new Error(`the run ended with: ${outcome}`)
  })

/**
 * Lets a home know the account as one that was used on another day: whose it is and which dialect it speaks, but
 * nothing of what its window holds.
 */
export const learnAccount = async (target: Target): Promise<void> => {
  await withSweep(target, (sweep) => sweep.inventory)
  const credentials = join(target.home, "credentials")
  for (const credential of readdirSync(credentials)) rmSync(join(credentials, credential, "pacer.json"))
  await target.emulator.reset()
}

const withSweep = <A, E>(
  { emulator, home, timeScale }: Target,
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>
): Promise<A> =>
  Effect.runPromise(
    onAccount({ masterKey: Redacted.make(emulator.apiKey), baseUrl: emulator.url, timeScale }, home, use)
  )

/** The procedure on one account, with nobody to ask and nothing to show. */
const onAccount = <A, E>(
  account: AccountOptions,
  home: string,
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>
) => Effect.provide(onAccountOf(account, use), common(home))

/** The same, over what accounts of one home share. */
export const onAccountOf = <A, E>(account: AccountOptions, use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>) =>
  Effect.provide(
    Effect.flatMap(Sweep, use),
    Layer.provide(Sweep.layer, SweepBase.layerAccount({ account, userAgent: "keysweep/bench" }))
  )

export const common = (home: string) => {
  const surface = Layer.mergeAll(
    Layer.succeed(Settings, Settings.none),
    Layer.succeed(Operator, { actor: { name: "bench", authenticated: true }, surface: "library" }),
    Layer.succeed(Confirmation, {
      ask: (_plan, challenge) => Effect.succeed(challenge.kind === "phrase" ? challenge.phrase : "y")
    }),
    Progress.layerSilent
  )
  return Layer.provideMerge(SweepStores.layerCommon({ home }), Layer.merge(NodeHttpClient.layer, surface))
}
