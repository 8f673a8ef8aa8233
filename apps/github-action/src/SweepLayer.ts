import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { parseDuration } from "@keysweep/revocation/DurationText"
import { Progress } from "@keysweep/revocation/Progress"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Settings } from "@keysweep/revocation/Settings"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Sinks } from "@keysweep/revocation/sinks/Sinks"
import { Sweep } from "@keysweep/revocation/Sweep"
import * as SweepStores from "@keysweep/revocation/SweepStores"
import { Clock, Config, Duration, Effect, Either, Layer, Option, Redacted } from "effect"
import type { Inputs } from "./Inputs.ts"
import { Runner } from "./Runner.ts"
import { version } from "./Version.ts"
import { operatorIn, type Workflow } from "./Workflow.ts"

/** The procedure on the account of the inputs, with its state in `home`. */
export const sweepLayer = (inputs: Inputs, place: Workflow, home: string) => {
  const { timeScale } = place
  const operator = Layer.succeed(Operator, operatorIn(place))
  const account = { masterKey: Redacted.make(inputs["api-key"]), baseUrl: inputs["base-url"] || undefined, timeScale }
  const userAgent = `keysweep/${version} (action)`
  const stores = Layer.unwrapEffect(
    Effect.map(deadlineOf(inputs, place), (deadline) => SweepStores.layer({ account, home, userAgent, ...deadline }))
  )
  const shared = stores.pipe(
    Layer.provideMerge(Layer.effect(Settings, settings(inputs, home))),
    Layer.provideMerge(NodeHttpClient.layer)
  )
  return Layer.merge(Sweep.layer, Layer.provide(Replacements.layer, masked)).pipe(
    Layer.provideMerge(shared),
    Layer.provide([operator, Confirmation.layerNobody, progress])
  )
}

const deadlineOf = ({ deadline }: Inputs, { timeScale }: Workflow) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    Either.match(parseDuration(deadline), {
      onLeft: () => ({}),
      onRight: (time) => ({ deadline: now + Duration.toMillis(time) / timeScale })
    })
  )

/** A later step of the job may print what it was given: a new value is masked before it goes anywhere. */
const masked = Layer.effect(
  Sinks,
  Effect.gen(function* () {
    const sinks = yield* Sinks
    const runner = yield* Runner
    return Sinks.of({
      check: sinks.check,
      deliver: (target, it) => Effect.zipRight(runner.mask(Redacted.value(it.value)), sinks.deliver(target, it))
    })
  })
)

export type SweepServices = Layer.Layer.Success<ReturnType<typeof sweepLayer>>

/** Those of the file, with the recipients of the step added: there is no step without a recipient. */
const settings = ({ recipients, settings: given }: Inputs, home: string) =>
  Effect.map(readSettings(home, given === "" ? undefined : given), (found) => ({
    ...found,
    backup: { ...found.backup, recipients: [...new Set([...recipients, ...found.backup.recipients])] }
  })).pipe(Effect.tap(maskNotices))

/** Addresses of notices are secrets that the settings take out of the environment. */
const maskNotices = ({ notices }: typeof Settings.Service) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const names = notices.flatMap(({ secretFrom, urlFrom }) => [
      urlFrom,
      ...(secretFrom === undefined ? [] : [secretFrom])
    ])
    for (const name of names) {
      const secret = yield* Effect.option(Config.redacted(name))
      if (Option.isSome(secret)) yield* runner.mask(Redacted.value(secret.value))
    }
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
        case "Step":
          return Effect.void
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
  cooldown: "the account is locked by its rate limit",
  overlap: "old and new keys both work"
}
