import { type Actor, Operator } from "@keysweep/audit/Actor"
import { ApprovalRefused as RefusedEvent, Approved } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import { DateTime, Effect, Schema } from "effect"
import type { Action } from "./Action.ts"
import { endOf, isPlanExpired, type Plan } from "./Plan.ts"
import { approvalsNeeded, personOf, Settings } from "./Settings.ts"
import type { ReplaceAction } from "./replace/Values.ts"
import type { Person } from "./SettingsContent.ts"
import { groupDoubt } from "./UserGroups.ts"

/** Somebody's approval does not count, and why; recorded. Nothing was changed. */
export class ApprovalRefused extends Schema.TaggedError<ApprovalRefused>()("ApprovalRefused", {
  reason: Schema.Literal("unknown person", "unknown requester", "own request", "not authenticated", "expired", "used"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** A plan of either kind, as far as somebody can approve it. */
export type Approvable = Pick<Plan, "account" | "hash" | "expiresAt"> & {
  readonly action: Action | ReplaceAction
  readonly thenDelete?: Plan["thenDelete"]
}

export interface ApprovalState {
  readonly required: number
  /** Names of the people whose approval counts. */
  readonly given: ReadonlyArray<string>
}

/**
 * Records that the operator of this program approves a plan that `requester` wants to run. What counts is the person,
 * not the account of one surface: nobody approves their own request by going through another one.
 */
export const approve = (
  plan: Approvable,
  requester: Actor
): Effect.Effect<ApprovalState, ApprovalRefused | LogUnavailable, Log | Operator | Settings> =>
  Effect.gen(function* () {
    const log = yield* Log
    const settings = yield* Settings
    const { actor } = yield* Operator
    const records = yield* log.records
    const problem = refusal(plan, requester, actor, settings, records, yield* DateTime.now)
    if (problem !== null) {
      yield* log.append(RefusedEvent.make({ plan: plan.hash, approver: actor, why: problem.detail }))
      return yield* problem
    }
    const before = approvalsOf(plan, requester, settings, records)
    if (before.given.includes(nameOf(settings, actor))) return before
    yield* log.append(Approved.make({ plan: plan.hash, approver: actor }))
    return approvalsOf(plan, requester, settings, yield* log.records)
  }).pipe(Effect.withSpan("Approval.approve"))

/** Who has approved a plan, by the names of their surfaces; whether it counts is judged elsewhere. */
export const approversOf = (plan: string, records: ReadonlyArray<LogRecord>): ReadonlyArray<string> => [
  ...new Set(
    records.flatMap(({ event }) => (event._tag === "Approved" && event.plan === plan ? [event.approver.name] : []))
  )
]

/** Whose approvals of this plan count, if `requester` runs it. Read from the log, judged by the settings of now. */
export const approvalsOf = (
  plan: Approvable,
  requester: Actor,
  settings: typeof Settings.Service,
  records: ReadonlyArray<LogRecord>
): ApprovalState => {
  const approvers = records.flatMap(({ event }) =>
    event._tag === "Approved" && event.plan === plan.hash ? [event.approver] : []
  )
  const counting = approvers.filter((actor) => identityProblem(requester, actor, settings) === null)
  return {
    required: needed(plan, settings),
    given: apart(counting.flatMap((actor) => personOf(settings, actor) ?? []))
  }
}

/**
 * Their names, of as many as are different people for sure. A member of a user group is known by Slack alone, and may be
 * anybody of whom the settings do not say what Slack calls them.
 */
const apart = (people: ReadonlyArray<Person>): ReadonlyArray<string> => {
  const names = (which: (person: Person) => boolean) => [...new Set(people.filter(which).map(({ name }) => name))]
  const members = names(({ slackGroup }) => slackGroup !== undefined)
  const known = names(({ slack, slackGroup }) => slackGroup === undefined && slack !== undefined)
  const elsewhere = names(({ slack, slackGroup }) => slackGroup === undefined && slack === undefined)
  return [...known, ...(members.length < elsewhere.length ? elsewhere : members)]
}

/** A rotation deletes the old keys in the end; new keys alone need nobody. */
const needed = ({ action, thenDelete = [] }: Approvable, settings: typeof Settings.Service): number => {
  if (action === "recreate") return 0
  return approvalsNeeded(settings, action === "rotate" ? "delete" : endOf({ action, thenDelete }))
}

const refusal = (
  plan: Approvable,
  requester: Actor,
  approver: Actor,
  settings: typeof Settings.Service,
  records: ReadonlyArray<LogRecord>,
  now: DateTime.Utc
): ApprovalRefused | null => {
  if (isPlanExpired(plan, now)) {
    return new ApprovalRefused({
      reason: "expired",
      detail: "The plan has expired; it was not denied. Ask for a new one."
    })
  }
  if (records.some(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)) {
    return new ApprovalRefused({ reason: "used", detail: "The plan was applied already." })
  }
  return identityProblem(requester, approver, settings)
}

const identityProblem = (
  requester: Actor,
  approver: Actor,
  settings: typeof Settings.Service
): ApprovalRefused | null => {
  if (!approver.authenticated) {
    return new ApprovalRefused({
      reason: "not authenticated",
      detail: "This surface does not prove who you are, so it cannot take an approval."
    })
  }
  const person = personOf(settings, approver)
  if (person === null) {
    return new ApprovalRefused({
      reason: "unknown person",
      detail: ["You are not among the people that the settings name.", groupDoubt(settings)].filter(Boolean).join(" ")
    })
  }
  const asker = personOf(settings, requester)
  if (requester.name === approver.name || asker?.name === person.name) {
    return new ApprovalRefused({
      reason: "own request",
      detail: "Nobody approves their own request: another person has to."
    })
  }
  if (asker !== null && (mayBe(person, requester, asker) || mayBe(asker, approver, person))) {
    return new ApprovalRefused({
      reason: "unknown requester",
      detail: `The settings do not say what Slack calls ${person.slackGroup === undefined ? person.name : asker.name}, so it may be the same person: name their Slack user in the settings.`
    })
  }
  return asker !== null || isNotAmong(requester, person)
    ? null
    : new ApprovalRefused({
        reason: "unknown requester",
        detail: `The settings do not say who ${requester.name} is, so it may be you: name the person in the settings.`
      })
}

/** A member of a user group is known by Slack alone: another surface may name the same person. */
const mayBe = (member: Person, { name }: Actor, other: Person): boolean =>
  member.slackGroup !== undefined && !name.startsWith("slack:") && other.slack === undefined

/** Somebody whom the settings do not name is another person only where we know what that surface calls this one. */
const isNotAmong = (requester: Actor, person: Person): boolean => {
  const surface = requester.name.split(":")[0]
  return requester.authenticated && (surface === "slack" || surface === "github") && person[surface] !== undefined
}

const nameOf = (settings: typeof Settings.Service, actor: Actor): string =>
  personOf(settings, actor)?.name ?? actor.name
