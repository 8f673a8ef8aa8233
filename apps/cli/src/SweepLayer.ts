import { NodeHttpClient } from "@effect/platform-node"
import { Seal } from "@keysweep/audit/Seal"
import { oneLine } from "@keysweep/core/SafeText"
import { Progress } from "@keysweep/revocation/Progress"
import * as SweepBase from "@keysweep/revocation/SweepBase"
import type { SweepOptions } from "@keysweep/revocation/SweepBase"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Settings } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import * as SweepStores from "@keysweep/revocation/SweepStores"
import { Context, Effect, Layer, Option, Redacted, Ref } from "effect"
import { notedLayer } from "./Deeds.ts"
import { home, operatorLayer } from "./Environment.ts"
import { account, type Reach } from "./GivenAccount.ts"
import { progressLayer } from "./LiveProgress.ts"
import { Output } from "./Output.ts"
import { wrap } from "./render/Table.ts"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"
import { settings } from "./SettingsFile.ts"
import { confirmationLayer } from "./Terminal.ts"
import { version } from "./Version.ts"

/** Uses the procedure on an account, with its state in the home folder. */
export const withSweep = <A, E extends Failure>(
  options: Reach,
  use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Services> => withParts(options, Effect.flatMap(Sweep, use))

/** Makes keys on an account, with its state in the home folder. Values are shown if that was asked for, on a terminal. */
export const withReplacements = <A, E extends Failure>(
  options: Reach & { readonly reveal: boolean },
  use: (replacements: typeof Replacements.Service) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Services> =>
  Effect.flatMap(Output, ({ err }) =>
    withParts(
      options,
      Effect.flatMap(Replacements, use).pipe(Effect.provide(Replacements.layer)),
      options.reveal && err.isTerminal
        ? ({ name, value }) => err.verbatim(`${oneLine(name, 60)}: ${Redacted.value(value)}\n`)
        : undefined
    )
  )

/** Uses what the procedure stands on, for the steps that are none of its own: new keys, the master key. */
export const withParts = <A, E extends Failure>(
  options: Reach,
  use: Effect.Effect<A, E, Layer.Layer.Success<Parts> | Common>,
  reveal?: SweepOptions["reveal"]
): Effect.Effect<A, Failure, Services> =>
  Effect.gen(function* () {
    const shared = yield* Effect.serviceOption(Shared)
    const parts = Layer.unwrapEffect(partsLayer(options))
    if (Option.isSome(shared)) {
      return yield* Effect.provide(use, Layer.provideMerge(parts, Layer.succeedContext(shared.value)))
    }
    const common = Layer.unwrapEffect(commonLayer(reveal))
    return yield* sayingIdentity(use, Layer.provideMerge(parts, common))
  })

/** What several accounts share is built once for all of them: built for each, it is most of what each of them takes. */
export const sharing = <A, E extends Failure>(
  use: Effect.Effect<A, E, Services>
): Effect.Effect<A, Failure, Services> =>
  sayingIdentity(
    Effect.flatMap(Effect.context<Common>(), (common) => Effect.provideService(use, Shared, common)),
    Layer.unwrapEffect(commonLayer(undefined))
  )

class Shared extends Context.Tag("keysweep/SweepLayer/Shared")<Shared, Context.Context<Common>>() {}

/** Said however it ended, and after the table of progress is gone. */
const sayingIdentity = <A, E, R, P, E2, R2>(use: Effect.Effect<A, E, R>, parts: Layer.Layer<P | Seal, E2, R2>) =>
  Effect.gen(function* () {
    const identity = yield* Ref.make<string | null>(null)
    const note = Effect.flatMap(Seal, (seal) => Effect.flatMap(seal.made, (made) => Ref.set(identity, made)))
    return yield* use.pipe(
      Effect.ensuring(note),
      Effect.provide(parts),
      Effect.ensuring(Effect.flatMap(Ref.get(identity), (made) => (made === null ? Effect.void : sayIdentity(made))))
    )
  })

const sayIdentity = (file: string): Effect.Effect<void, never, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    const text = `A key to open backups was made: ${file} (readable by you only). Keep a copy elsewhere: without it no backup opens.`
    yield* err.write(`${wrap(text, yield* err.width).join("\n")}\n\n`)
  })

type Common = Layer.Layer.Success<Effect.Effect.Success<ReturnType<typeof commonLayer>>>
type Parts = Effect.Effect.Success<ReturnType<typeof partsLayer>>

const commonLayer = (reveal: SweepOptions["reveal"]) =>
  Effect.map(home, (home) =>
    SweepStores.layerCommon({ home, reveal }).pipe(
      Layer.provideMerge(Layer.mergeAll(Layer.effect(Settings, settings), NodeHttpClient.layer))
    )
  )

const partsLayer = (options: Reach) =>
  Effect.map(account(options.account), (account) => {
    const surface = Layer.mergeAll(
      operatorLayer,
      confirmationLayer,
      notedLayer(options.quiet ? Progress.layerSilent : progressLayer)
    )
    const userAgent = `keysweep/${version} (cli)`
    const reserved = options.reserve === undefined ? account : { ...account, reserve: options.reserve }
    return Sweep.layer.pipe(
      Layer.provideMerge(SweepBase.layerAccount({ account: reserved, userAgent })),
      Layer.provideMerge(surface)
    )
  })
