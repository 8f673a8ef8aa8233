import { Account, type AccountRefused } from "@keysweep/core/Account"
import type { KeyId } from "@keysweep/core/ProxyKey"
import type { HttpClient } from "@effect/platform/HttpClient"
import { type Actor, Operator } from "@keysweep/audit/Actor"
import { Refused } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { untilAudit } from "@keysweep/revocation/AuditSchedule"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import type { Inventory } from "@keysweep/revocation/Inventory"
import { InventoryMemory } from "@keysweep/revocation/InventoryMemory"
import { Progress } from "@keysweep/revocation/Progress"
import { ownerOf, personOf, Settings, type SettingsRefused } from "@keysweep/revocation/Settings"
import type { Owner } from "@keysweep/revocation/SettingsContent"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import * as SweepBase from "@keysweep/revocation/SweepBase"
import type * as SweepStores from "@keysweep/revocation/SweepStores"
import { groupDoubt, groupsIn } from "@keysweep/revocation/UserGroups"
import { Clock, Context, DateTime, Effect, Layer, Ref } from "effect"
import type { SetupRefused } from "./Environment.ts"
import { Members } from "./Members.ts"

/** The procedure, for the many people of one bot. */
export class Sweeps extends Context.Tag("@keysweep/slack-bot/Sweeps")<
  Sweeps,
  {
    /** Uses the procedure in somebody's name, under the settings as they are now. */
    readonly as: <A, E>(
      actor: Actor,
      use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>,
      progress?: typeof Progress.Service
    ) => Effect.Effect<A, E | SettingsRefused | SetupRefused>
    /** The same without leaving a request of the window to others: for a panic. */
    readonly urgently: <A, E>(
      actor: Actor,
      use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>,
      progress: typeof Progress.Service
    ) => Effect.Effect<A, E | AccountRefused | SettingsRefused | SetupRefused>
    /** Why the settings do not let the bot listen here; nothing: it may. `channel` is `null` where Slack names none. */
    readonly deaf: (place: Where) => Effect.Effect<string | null, SettingsRefused | SetupRefused>
    /** Where the next audit goes and in how many milliseconds, as the settings say; nothing: they want none. */
    readonly nextAudit: (
      last: DateTime.Utc | null
    ) => Effect.Effect<{ readonly channel: string; readonly millis: number } | null, SettingsRefused | SetupRefused>
    /** The inventory that was read last, on this machine; nothing: none was. Without a request. */
    readonly remembered: Effect.Effect<Inventory | null, SweepError>
    /** Whether the settings name this user as one of the people. */
    readonly knows: (user: string) => Effect.Effect<boolean, SettingsRefused | SetupRefused>
    /** Where soaks are shown that were begun elsewhere; nothing: the settings name no channel. */
    readonly soakChannel: Effect.Effect<string | null, SettingsRefused | SetupRefused>
    /** Owners of these keys whom Slack knows, as the log would name them. */
    readonly ownersOf: (
      keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>
    ) => Effect.Effect<ReadonlyArray<string>, SettingsRefused | SetupRefused>
    /** Why somebody may be one of them by a user group and does not count now; nothing: they would. */
    readonly doubt: Effect.Effect<string | null, SettingsRefused | SetupRefused>
    /** The Slack users and user groups that the settings name beside this one. */
    readonly others: (user: string) => Effect.Effect<ReadonlyArray<string>, SettingsRefused | SetupRefused>
    /**
     * Records that something was refused, and to whom. What refers to `flood` is recorded once a minute, with a count of
     * the others, so that nobody fills the disk. A log that is not available does not let anybody in: it is only said.
     */
    readonly refused: (actor: Actor, what: string, why: string, flood?: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = (
    settings: Effect.Effect<typeof Settings.Service, SettingsRefused | SetupRefused>,
    options: SweepBase.SweepOptions
  ): Layer.Layer<Sweeps, never, HttpClient | Members | Shared> => Layer.effect(Sweeps, make(settings, options))
}

/** Where somebody asked for something, as Slack says. */
export interface Where {
  readonly team: string
  readonly channel: string | null
}

const deafness = (
  { channels, workspace }: (typeof Settings.Service)["slack"],
  { channel, team }: Where
): string | null => {
  if (workspace !== undefined && workspace !== team) return "not of the workspace that the settings name"
  return channels === undefined || channel === null || channels.includes(channel)
    ? null
    : "not in a channel that the settings name"
}

/** A user of the workspace: Slack has signed that it was them. */
export const userActor = (user: string): Actor => ({ name: `slack:${user}`, authenticated: true })

/** The bot itself: what is due is done in nobody's name, because of what somebody confirmed before. */
export const itself: Actor = { name: "slack:keysweep", authenticated: false }

/** Whoever sent something that Slack did not sign. */
export const stranger: Actor = { name: "slack:unknown", authenticated: false }

type Shared = Layer.Layer.Success<ReturnType<typeof SweepStores.layer>>

/** A user, not a channel. */
const slackUserOf = ({ people }: typeof Settings.Service, owner: Owner | null): string | undefined =>
  owner?.slack !== undefined && /^[UW]/.test(owner.slack)
    ? owner.slack
    : people.find(({ name }) => name === owner?.person)?.slack

const floodMillis = 60_000

const make = (
  read: Effect.Effect<typeof Settings.Service, SettingsRefused | SetupRefused>,
  options: SweepBase.SweepOptions
) =>
  Effect.gen(function* () {
    const { timeScale } = yield* Account
    const members = yield* Members
    const settings = Effect.flatMap(read, (rules) => {
      const named = groupsIn(rules)
      return named.length === 0
        ? Effect.succeed(rules)
        : Effect.map(members.of(named), (groups): typeof Settings.Service => ({ ...rules, groups }))
    })
    const shared = Layer.succeedContext(yield* Effect.context<HttpClient | Shared>())
    const urgent = Layer.provideMerge(
      SweepBase.layer({ ...options, account: { ...options.account, reserve: 0 } }),
      shared
    )
    const inventories = yield* InventoryMemory
    const floods = yield* Ref.make<ReadonlyMap<string, { readonly since: number; readonly more: number }>>(new Map())

    const under = <A, E, E2 = never>(
      rules: typeof Settings.Service,
      actor: Actor,
      use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>,
      progress?: typeof Progress.Service,
      base: Layer.Layer<Shared, E2, Settings> = shared
    ) =>
      Effect.flatMap(Sweep, use).pipe(
        Effect.provide(
          Sweep.layer.pipe(
            Layer.provide([
              Layer.provide(base, Layer.succeed(Settings, rules)),
              Layer.succeed(Settings, rules),
              Layer.succeed(Operator, { actor, surface: "slack" }),
              confirmationLayer,
              progress === undefined ? Progress.layerSilent : Layer.succeed(Progress, progress)
            ])
          )
        )
      )

    // One at a time: a burst would compete with itself for the log, and what waits too long there is not recorded.
    const turn = yield* Effect.makeSemaphore(1)
    const record = (actor: Actor, what: string, why: string): Effect.Effect<void, SweepError> =>
      // The rules do not matter for a record, and unusable ones must not keep it from being made.
      under(Settings.none, actor, (sweep) =>
        sweep.books(Effect.flatMap(Log, (log) => log.append(Refused.make({ what, why }))))
      ).pipe(turn.withPermits(1))

    /** How many were kept back since the last record of this kind; nothing if this one is to be kept back too. */
    const admitted = (flood: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Ref.modify(floods, (all) => {
          const before = all.get(flood)
          if (before !== undefined && now - before.since < floodMillis) {
            return [null, new Map(all).set(flood, { ...before, more: before.more + 1 })] as const
          }
          const living = [...all].filter(([, { since }]) => now - since < floodMillis)
          return [before?.more ?? 0, new Map(living).set(flood, { since: now, more: 0 })] as const
        })
      )

    return Sweeps.of({
      as: (actor, use, progress) => Effect.flatMap(settings, (rules) => under(rules, actor, use, progress)),
      urgently: (actor, use, progress) =>
        Effect.flatMap(settings, (rules) => under(rules, actor, use, progress, urgent)),
      nextAudit: (last) =>
        Effect.gen(function* () {
          const { audit } = (yield* read).slack
          const now = yield* DateTime.now
          return audit === undefined
            ? null
            : { channel: audit.channel, millis: untilAudit(audit, last, now, timeScale) }
        }),
      remembered: Effect.flatMap(
        under(Settings.none, itself, ({ account }) => account),
        inventories.last
      ),
      deaf: (place) => Effect.map(read, ({ slack }) => deafness(slack, place)),
      knows: (user) => Effect.map(settings, (rules) => personOf(rules, userActor(user)) !== null),
      soakChannel: Effect.map(read, ({ slack }) => slack.soaks ?? slack.channels?.[0] ?? null),
      ownersOf: (keys) =>
        Effect.map(read, (rules) => [
          ...new Set(keys.flatMap((key) => slackUserOf(rules, ownerOf(rules, key)) ?? []).map((id) => `slack:${id}`))
        ]),
      doubt: Effect.map(settings, groupDoubt),
      others: (user) =>
        Effect.map(read, ({ people }) =>
          people.flatMap(({ slack, slackGroup }) => slack ?? slackGroup ?? []).filter((it) => it !== user)
        ),
      refused: (actor, what, why, flood) =>
        Effect.gen(function* () {
          const more = flood === undefined ? 0 : yield* admitted(flood)
          if (more !== null)
            yield* record(actor, what, more === 0 ? why : `${why} (and ${more} more since the last record)`)
        }).pipe(
          Effect.catchAll((error) => Effect.logError(`A refusal was not recorded: ${error.message}`)),
          Effect.withSpan("Sweeps.refused")
        )
    })
  })

/** A modal is not asked from inside the procedure: what was typed into it is there before a plan is carried out. */
const confirmationLayer = Layer.succeed(Confirmation, {
  ask: () =>
    Effect.fail(
      new ConfirmationRefused({ reason: "no terminal", detail: "Nobody can be asked here; nothing was changed." })
    )
})
