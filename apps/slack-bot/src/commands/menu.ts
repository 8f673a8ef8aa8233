import { Log } from "@keysweep/audit/Log"
import { project, type RunView } from "@keysweep/audit/Projection"
import { oneLine } from "@keysweep/core/SafeText"
import type { InventoryKey } from "@keysweep/revocation/Inventory"
import { keysLike } from "@keysweep/revocation/KeySearch"
import type { Plan } from "@keysweep/revocation/Plan"
import { Array as Arr, DateTime, Effect, Either } from "effect"
import type { AlarmClock } from "../AlarmClock.ts"
import { type Message, plain } from "../Blocks.ts"
import type { Asker } from "../Errand.ts"
import { type Choice, mostChoices } from "../Fields.ts"
import type { Intent } from "../Intent.ts"
import {
  busyModal,
  type Filled,
  filledIntent,
  isMenuVerb,
  menuModal,
  type MenuSubject,
  type MenuVerb,
  namesRuns,
  needsForm,
  shownModal,
  verbModal
} from "../Menu.ts"
import type { Desk } from "../Proceeding.ts"
import { type Failure, failureText, said } from "../Reply.ts"
import { Requests } from "../Requests.ts"
import { SlackApi } from "../SlackApi.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { counted, moment } from "../Words.ts"
import { replyTo, verbOf, withFile } from "./answer.ts"
import { previewModal } from "./begin.ts"
import type { Answered } from "./confirm.ts"
import { askToPanic } from "./panic.ts"
import { resume } from "./resume.ts"

/** Shows everything that can be asked for as a form, at once. The keys to choose from are read meanwhile, if need be. */
export const askMenu = (asker: Asker, trigger: string): Effect.Effect<null, Failure, Desk> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const { channel, responseUrl, user } = asker
    yield* slack.openModal(trigger, menuModal({ channel, responseUrl }))
    const sweeps = yield* Sweeps
    const known = yield* sweeps.remembered
    const now = yield* DateTime.now
    if (known === null || DateTime.distance(known.at, now) > freshMillis)
      // Whoever goes on is told what is wrong with the account.
      yield* Effect.ignore(sweeps.as(userActor(user), (sweep) => sweep.inventory))
    return null
  })

/** For how long the inventory that was read last is good enough to choose from; plans are made on a reading of their own. */
const freshMillis = 600_000

/** The keys that somebody may mean who has typed so much. Without a request. */
export const keyChoices = (typed: string): Effect.Effect<ReadonlyArray<Choice>, Failure, Desk> =>
  Effect.gen(function* () {
    const known = yield* (yield* Sweeps).remembered
    const found = known === null ? [] : keysLike(known, typed, mostChoices)
    return found.map(keyChoice)
  })

export const keyChoice = ({ id, name, state }: InventoryKey): Choice => ({
  text: `${oneLine(name, 32)}: ${state} (${id})`,
  value: id
})

/** One of the two forms was sent: the next one, or what it comes to. Slack waits for the answer, so that is shown later. */
export const filledIn = (
  subject: MenuSubject,
  user: string,
  view: string,
  filled: Filled
): Effect.Effect<Answered, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const verb = subject.verb ?? filled["verb"]?.[0]
    if (!isMenuVerb(verb)) return { errors: { verb: "Choose what is to be done." }, after: Effect.void }
    if (!(yield* sweeps.knows(user))) {
      const why = "not among the people that the settings name"
      return {
        errors: null,
        after: sweeps.refused(userActor(user), `/keysweep ${verb}`, why, `unknown person ${user}`)
      }
    }
    const shown = (work: Effect.Effect<Message | null, Failure, AlarmClock | Desk>) =>
      Effect.asVoid(showing(subject, verb, view, work))
    if (subject.verb === null && namesRuns(verb))
      return { errors: null, next: busyModal(verb), after: shown(askForRun(subject, user, verb, view)) }
    if (subject.verb === null && needsForm(verb))
      return { errors: null, next: verbModal(subject, verb), after: Effect.void }
    const intent = filledIntent(verb, filled, yield* DateTime.now)
    return Either.match(intent, {
      onLeft: (errors) => ({ errors, after: Effect.void }),
      onRight: (intent) => ({
        errors: null,
        next: busyModal(verb),
        after: shown(come(intent, { ...subject, user }, verb, view))
      })
    })
  })

/** Puts what came of it into the form's place; whoever has closed that meanwhile is told otherwise. */
const showing = <R>(
  { responseUrl }: MenuSubject,
  verb: MenuVerb,
  view: string,
  work: Effect.Effect<Message | null, Failure, R>
) =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const answer = yield* work.pipe(
      Effect.catchAll((error) => Effect.succeed(said(failureText(error)))),
      Effect.catchAllDefect(() =>
        Effect.succeed(said("A fault in keysweep itself. Nothing was confirmed by this form."))
      )
    )
    if (answer !== null)
      yield* Effect.orElse(slack.updateModal(view, shownModal(verb, answer.blocks)), () =>
        slack.answer(responseUrl, answer)
      )
  })

const askForRun = (subject: MenuSubject, user: string, verb: MenuVerb, view: string) =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const slack = yield* SlackApi
    const records = yield* sweeps.as(userActor(user), (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const runs = [...project(records).runs.values()].filter((run) => verb === "undo" || run.finished === null)
    if (runs.length === 0) return said(verb === "undo" ? "No run yet: nothing to undo." : "No run was cut off.")
    yield* slack.updateModal(view, verbModal(subject, verb, Arr.reverse(runs).map(runChoice)))
    return null
  })

export const runChoice = ({ id, started, startedAt }: RunView): Choice => ({
  text: `${moment(startedAt)}: ${started === null ? "backup" : `${started.action} ${counted(started.keys.length, "key")}`}`,
  value: id
})

/** What was asked for, shown in the form's place: `null`, where it has put something there itself. */
const come = (
  intent: Intent,
  asker: Asker,
  verb: MenuVerb,
  view: string
): Effect.Effect<Message | null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    switch (intent._tag) {
      case "Help":
      case "Menu":
        return said("/keysweep help says what I know.")
      case "Panic":
        return yield* askToPanic(asker, intent.reason, Effect.succeed(view))
      case "Resume":
        yield* Effect.ignore(slack.updateModal(view, shownModal(verb, [plain("Its message is in the channel.")])))
        return yield* resume(intent.run, asker)
    }
    const reply = yield* replyTo(intent, asker.user)
    switch (reply._tag) {
      case "Private":
        return yield* withFile(asker.user, reply)
      case "Public":
        yield* slack.post(asker.channel, reply.message)
        return said(`Done: ${verbOf(intent)}. The channel has been told.`)
      case "Plan":
        return yield* preview(reply.plan, asker, view)
    }
  })

/** The plan, with the field that says yes. Nobody else sees it before that. */
const preview = (plan: Plan, { channel, responseUrl, user }: Asker, view: string) =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const slack = yield* SlackApi
    const request = yield* requests.open(plan, user, channel)
    return yield* slack.updateModal(view, previewModal(request, responseUrl)).pipe(
      Effect.as(null),
      Effect.tapError(() => requests.take(request.id, "cancel", user))
    )
  })
