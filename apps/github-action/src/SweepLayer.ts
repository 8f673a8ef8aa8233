import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import { Progress } from "@keysweep/revocation/Progress"
import { parseSettings, Settings, type SettingsRefused } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import * as SweepFiles from "@keysweep/revocation/SweepFiles"
import { Effect, Layer, Redacted } from "effect"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { FileRefused } from "./ActionError.ts"
import type { Inputs } from "./Inputs.ts"
import { codeOf } from "./PlanFile.ts"
import { Runner } from "./Runner.ts"
import { version } from "./Version.ts"
import type { Workflow } from "./Workflow.ts"

/** The procedure on the account of the inputs, with its state in `home`. */
export const sweepLayer = (inputs: Inputs, { actor, timeScale }: Workflow, home: string) => {
  const operator = Layer.succeed(Operator, {
    // GitHub has checked who started the run.
    actor: { name: `github:${actor}`, authenticated: true },
    surface: "action"
  })
  const account = { masterKey: Redacted.make(inputs["api-key"]), baseUrl: inputs["base-url"] || undefined, timeScale }
  const files = SweepFiles.layer({ account, home, userAgent: `keysweep/${version} (action)` }).pipe(
    Layer.provideMerge(Layer.effect(Settings, settings(inputs, home))),
    Layer.provide(NodeHttpClient.layer)
  )
  return Sweep.layer.pipe(Layer.provide(files), Layer.provide([operator, nobodyAsked, progress]))
}

/** Those of the file, with the recipients of the step added: there is no step without a recipient. */
const settings = (
  { recipients, settings: given }: Inputs,
  home: string
): Effect.Effect<typeof Settings.Service, FileRefused | SettingsRefused> => {
  const file = given === "" ? join(home, "keysweep.yaml") : resolve(given)
  return Effect.gen(function* () {
    const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: codeOf }).pipe(
      Effect.catchAll((code) =>
        code === "ENOENT" && given === ""
          ? Effect.succeed(null)
          : new FileRefused({ detail: `The settings ${file} cannot be read (${code}).` })
      )
    )
    const found = text === null ? Settings.none : yield* parseSettings(file, text)
    return {
      ...found,
      backup: { ...found.backup, recipients: [...new Set([...recipients, ...found.backup.recipients])] }
    }
  })
}

const nobodyAsked = Layer.succeed(Confirmation, {
  ask: () =>
    new ConfirmationRefused({
      reason: "no terminal",
      detail: "Nobody can be asked in a workflow: confirm with the plan's hash."
    })
})

/** Lines without names: everybody who can see the run can read them. */
const progress = Layer.effect(
  Progress,
  Effect.map(Runner, (runner) => ({
    report: (event) => {
      switch (event._tag) {
        case "Phase":
          return runner.info(phases[event.phase])
        case "Started":
          return runner.info(`${event.total} keys, about ${Math.ceil(event.estimateMillis / 1000)} s`)
        case "Key":
          return runner.info(`${event.count}/${event.total} ${event.id}`)
        case "Waiting":
          return event.millis < 1000
            ? Effect.void
            : runner.info(`waiting ${Math.ceil(event.millis / 1000)} s: ${waits[event.reason]}`)
      }
    }
  }))
)

const phases = {
  reading: "Reading the account's keys",
  "backing up": "Backing up the settings",
  acting: "Acting",
  proving: "Reading again, to prove the result"
}

const waits = {
  window: "the rate limit has no free slot",
  cooldown: "the account is locked by its rate limit"
}
