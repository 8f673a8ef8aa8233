import { FetchHttpClient } from "@effect/platform"
import { Operator } from "@keysweep/audit/Actor"
import { Backups } from "@keysweep/audit/Backup"
import { BackupManifest } from "@keysweep/audit/BackupManifest"
import { Log } from "@keysweep/audit/Log"
import { confirmedByHash, Confirmation } from "@keysweep/revocation/Confirmation"
import { encodeDueReport, Soaking } from "@keysweep/revocation/DueReport"
import { Inventory } from "@keysweep/revocation/Inventory"
import type { PanicChoice } from "@keysweep/revocation/Panic"
import { encodePlan, type Planning } from "@keysweep/revocation/Plan"
import { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import { homeFolder, osActor } from "@keysweep/revocation/Home"
import { Progress } from "@keysweep/revocation/Progress"
import { encodeReceipt } from "@keysweep/revocation/Receipt"
import { isReplacePlan } from "@keysweep/revocation/replace/AnyPlan"
import { Replacements, type Replacing } from "@keysweep/revocation/replace/Replacements"
import { encodeReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import { encodeReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { resumesReplacement } from "@keysweep/revocation/replace/ReplaceResume"
import { type Judged, select } from "@keysweep/revocation/Selection"
import { ownersIn, Settings } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import * as SweepStores from "@keysweep/revocation/SweepStores"
import { Context, DateTime, Effect, Either, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import { closed, type InvalidInput, settled } from "./Failure.ts"
import {
  readActor,
  readHold,
  readKnownRun,
  readOptions,
  readPlan,
  readReason,
  readRecreation,
  readRequest,
  readRotation,
  readRun,
  readSelector
} from "./Input.ts"
import { KeysweepError } from "./KeysweepError.ts"
import { logRecordDocument } from "./LogDocument.ts"
import type {
  ApplyOptions,
  ApproveOptions,
  CallOptions,
  PanicOptions,
  Planned,
  ReplacementPlanned,
  ResumeOptions,
  RunOptions,
  UndoOptions
} from "./Requests.ts"
import { version } from "./Version.ts"

/** What `Keysweep` stands on. Takes anything as input: not everybody has a compiler that looks at it. */
export type Engine = ReturnType<typeof makeEngine>

export const openEngine = (given: unknown): Promise<Engine> => {
  const runtime = ManagedRuntime.make(Layer.unwrapEffect(layerOf(given)))
  return runtime
    .runPromiseExit(Effect.void)
    .then(settled)
    .then(() => makeEngine(runtime))
}

/** Everything that the calls of one instance share. */
const layerOf = (given: unknown) =>
  Effect.gen(function* () {
    const { actor, apiKey, baseUrl, home: folder, reserve, settings: file, timeScale } = yield* readOptions(given)
    const home = yield* homeFolder(folder)
    const settings = yield* readSettings(home, file)
    const operator = Layer.succeed(Operator, {
      actor: actor === undefined ? yield* osActor : { name: actor, authenticated: true },
      surface: "library" as const
    })
    const account = { masterKey: Redacted.make(apiKey), baseUrl, timeScale, reserve }
    const shared = SweepStores.layer({ account, home, userAgent: `keysweep/${version} (library)` }).pipe(
      // The transport tells it to follow no redirect.
      Layer.provide(FetchHttpClient.layer),
      Layer.provideMerge(Layer.succeed(Settings, settings)),
      Layer.merge(operator)
    )
    return Layer.merge(shared, Layer.succeed(HomeFolder, home))
  })

type Shared = Layer.Layer.Success<Effect.Effect.Success<ReturnType<typeof layerOf>>>
type Runtime = ManagedRuntime.ManagedRuntime<Shared, SweepError | InvalidInput>

/** Where a panic finds its second sink. */
class HomeFolder extends Context.Tag("@keysweep/sdk/HomeFolder")<HomeFolder, string>() {}

const makeEngine = (runtime: Runtime) => {
  const end = new AbortController()
  const going = new Set<Promise<unknown>>()

  const run = <A>(
    use: (
      sweep: typeof Sweep.Service
    ) => Effect.Effect<A, SweepError | InvalidInput, Replacements | Settings | HomeFolder>,
    { onProgress, signal }: RunOptions = {}
  ): Promise<A> => {
    if (end.signal.aborted) return Promise.reject(new KeysweepError(closed))
    const call = Effect.flatMap(Sweep, use).pipe(
      Effect.provide(
        Layer.merge(Sweep.layer, Replacements.layer).pipe(Layer.provide([nobodyAsked, progressTo(onProgress)]))
      )
    )
    const ended = runtime.runPromiseExit(call, {
      signal: signal === undefined ? end.signal : AbortSignal.any([signal, end.signal])
    })
    going.add(ended)
    return ended.finally(() => going.delete(ended)).then(settled)
  }

  return {
    inventory: (options: CallOptions) =>
      run((sweep) => Effect.map(sweep.inventory, Schema.encodeSync(Inventory)), options),
    select: (selector: unknown, options: CallOptions) =>
      run(
        (sweep) =>
          Effect.gen(function* () {
            const asked = yield* readSelector(selector)
            const inventory = yield* sweep.inventory
            const { left, selected } = yield* select(inventory, asked, ownersIn(yield* Settings))
            return { account: inventory.account, selected: selected.map(judged), left: left.map(judged) }
          }),
        options
      ),
    plan: (request: unknown, options: CallOptions) =>
      run((sweep) => Effect.map(Effect.flatMap(readRequest(request), sweep.plan), plannedOf), options),
    apply: (given: unknown, options: ApplyOptions) =>
      run(
        (sweep) =>
          Effect.gen(function* () {
            const plan = yield* readPlan(given)
            const confirmed = yield* confirmedByHash(plan, options.confirm)
            return isReplacePlan(plan)
              ? encodeReplaceReceipt(yield* (yield* Replacements).apply(plan, confirmed))
              : encodeReceipt(yield* sweep.apply(plan, confirmed))
          }),
        options
      ),
    rotate: (request: unknown, options: CallOptions) =>
      run(() => Effect.flatMap(readRotation(request), replacementOf), options),
    recreate: (request: unknown, options: CallOptions) =>
      run(() => Effect.flatMap(readRecreation(request), replacementOf), options),
    resume: (options: ResumeOptions) =>
      run(
        (sweep) =>
          Effect.gen(function* () {
            const wanted = yield* readRun(options.run)
            const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
            const makes = resumesReplacement(records, wanted)
            return makes === null
              ? encodeReceipt(yield* sweep.resume(wanted))
              : encodeReplaceReceipt(yield* (yield* Replacements).resume(makes))
          }),
        options
      ),
    undo: (given: unknown, { reason, ...options }: UndoOptions) =>
      run(
        (sweep) =>
          Effect.gen(function* () {
            const request = yield* sweep.undo(yield* readKnownRun(given))
            return plannedOf(yield* sweep.plan({ ...request, reason: yield* readReason(reason) }))
          }),
        options
      ),
    panic: ({ choose, onTrouble, reason, ...options }: PanicOptions) =>
      run(
        (sweep) =>
          Effect.gen(function* () {
            const receipt = yield* sweep.panic({
              reason: yield* readReason(reason),
              home: yield* HomeFolder,
              onTrouble: (file, detail) => Effect.ignore(Effect.try(() => onTrouble(file, detail))),
              choose: (choices) => asked(choose, choices)
            })
            return encodeReceipt(receipt)
          }),
        options
      ),
    approvals: (plan: unknown) => run((sweep) => Effect.flatMap(readPlan(plan), sweep.approvals)),
    approve: (given: unknown, { requester }: ApproveOptions) =>
      run((sweep) =>
        Effect.flatMap(Either.all([readPlan(given), readActor(requester)]), ([plan, actor]) =>
          sweep.approve(plan, actor)
        )
      ),
    hold: (target: unknown, why: unknown) =>
      run((sweep) => Effect.flatMap(Either.all([readHold(target), readReason(why)]), (it) => sweep.hold(...it))),
    liftHold: (target: unknown, why: unknown) =>
      run((sweep) => Effect.flatMap(Either.all([readHold(target), readReason(why)]), (it) => sweep.liftHold(...it))),
    soaking: () => run((sweep) => Effect.map(sweep.soaking, Schema.encodeSync(Soaking))),
    runDue: (options: RunOptions) => run((sweep) => Effect.map(sweep.runDue, encodeDueReport), options),
    backup: (options: CallOptions) => run((sweep) => Effect.map(sweep.backup, encodeManifest), options),
    backups: () =>
      run((sweep) =>
        Effect.map(sweep.books(Effect.flatMap(Backups, (it) => it.list)), (manifests) =>
          manifests.map((it) => encodeManifest(it))
        )
      ),
    log: () =>
      run((sweep) =>
        Effect.map(sweep.books(Effect.flatMap(Log, (it) => it.records)), (records) => records.map(logRecordDocument))
      ),
    verifyLog: (anchor: string | undefined) =>
      run((sweep) => sweep.books(Effect.flatMap(Log, (it) => it.verify(anchor)))),
    close: () => {
      end.abort()
      return Promise.allSettled(going).then(() => runtime.dispose())
    }
  } as const
}

const judged = ({ key, reason }: Judged) => ({ id: key.id, name: key.name, reason })

/** What the program's own function answers. One that throws, or chooses nothing, declines. */
const asked = (choose: PanicOptions["choose"], choices: ReadonlyArray<PanicChoice>) =>
  Effect.tryPromise(() => Promise.resolve(choose(choices.map(choiceDocument)))).pipe(
    Effect.orElseSucceed(() => null),
    Effect.flatMap((phrase) =>
      phrase === null
        ? new ConfirmationRefused({ reason: "declined", detail: "Neither way was chosen; nothing was changed." })
        : Effect.succeed(phrase)
    )
  )

const choiceDocument = ({ asOf, ...choice }: PanicChoice) => ({
  ...choice,
  asOf: asOf === null ? null : DateTime.formatIso(asOf)
})

const plannedOf = (planning: Planning): Planned => {
  const left = planning.left.map(judged)
  return planning._tag === "Plan"
    ? { plan: encodePlan(planning.plan), detail: null, left }
    : { plan: null, detail: planning.detail, left }
}

const replacementOf = (request: Replacing) =>
  Effect.flatMap(Replacements, (replacements) => replacements.plan(request)).pipe(
    Effect.map((planning): ReplacementPlanned =>
      planning._tag === "Plan"
        ? { plan: encodeReplacePlan(planning.plan), detail: null }
        : { plan: null, detail: planning.detail }
    )
  )

const encodeManifest = Schema.encodeSync(BackupManifest)

/** A program confirms with a plan's hash; there is nobody to ask. */
const nobodyAsked = Layer.succeed(Confirmation, {
  ask: () =>
    new ConfirmationRefused({
      reason: "no terminal",
      detail: "Nobody can be asked here: confirm with the plan's hash."
    })
})

const progressTo = (report: RunOptions["onProgress"]) =>
  report === undefined
    ? Progress.layerSilent
    : Layer.succeed(Progress, { report: (event) => Effect.ignore(Effect.try(() => report(event))) })
