import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { AlarmClock } from "./AlarmClock.ts"
import type { Message, Modal } from "./Blocks.ts"
import { replyTo, verbOf, withFile } from "./commands/answer.ts"
import { approve, requested } from "./commands/approve.ts"
import { begun, closed } from "./commands/begin.ts"
import { cancel } from "./commands/cancel.ts"
import { type Answered, answered, askToConfirm } from "./commands/confirm.ts"
import { helpMessage } from "./commands/help.ts"
import { askToPanic, openedBy, panicked } from "./commands/panic.ts"
import { askMenu, filledIn, keyChoices } from "./commands/menu.ts"
import { open } from "./commands/open.ts"
import { resume } from "./commands/resume.ts"
import type { Choice } from "./Fields.ts"
import { parseIntent, type Press } from "./Intent.ts"
import { type Filled, menuSubject } from "./Menu.ts"
import { type Desk, planText } from "./Proceeding.ts"
import { type Failure, failureText, privately, said } from "./Reply.ts"
import { type Request, RequestId } from "./Request.ts"
import { RequestGuard } from "./RequestGuard.ts"
import { Requests } from "./Requests.ts"
import { SlackApi } from "./SlackApi.ts"
import { stranger, Sweeps, userActor, type Where } from "./Sweeps.ts"

/** A slash command, as far as the bot cares. */
export interface Typed {
  readonly user: string
  readonly team: string
  readonly channel: string
  readonly text: string
  /** Slack's own, by which it is done once over all servers; nothing where it was claimed before it was taken. */
  readonly signature: string | null
  /** Lets a form be shown, within 3 seconds. */
  readonly trigger: string
  readonly responseUrl: string
}

/** A button that somebody pressed. */
export interface Pressed {
  readonly user: string
  readonly team: string
  readonly channel: string | null
  readonly press: Press
  /** The request's id, as the button had it. */
  readonly value: string
  readonly trigger: string
  readonly responseUrl: string
}

/** A form that somebody sent. */
export interface Sent {
  readonly user: string
  readonly team: string
  /** Which form it is. */
  readonly form: string
  readonly subject: string
  readonly typed: string
  /** Of a form with several fields: the form's own id, and what stood in each. */
  readonly view?: string
  readonly filled?: Filled
}

/** What somebody types into a field that keys can be chosen in. */
export interface Sought {
  readonly user: string
  readonly team: string
  readonly text: string
}

/** What Slack is told about a form at once, and what is done after that. */
export interface Taken {
  readonly errors: Readonly<Record<string, string>> | null
  /** The form that takes its place; nothing: it is closed. */
  readonly next: Modal | null
  readonly after: Effect.Effect<void>
}

/** Everything that the bot does. Nothing here fails: whoever asked is told. */
export class Bot extends Context.Tag("@keysweep/slack-bot/Bot")<
  Bot,
  {
    readonly command: (typed: Typed) => Effect.Effect<void>
    readonly press: (pressed: Pressed) => Effect.Effect<void>
    readonly submit: (sent: Sent) => Effect.Effect<Taken>
    /** A form of ours was closed instead of sent. */
    readonly closed: (sent: Pick<Sent, "user" | "form" | "subject">) => Effect.Effect<void>
    readonly search: (sought: Sought) => Effect.Effect<ReadonlyArray<Choice>>
    /** Records a request that Slack did not send. */
    readonly turnAway: (why: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    Bot,
    Effect.map(Effect.context<AlarmClock | Desk | RequestGuard>(), (desk) => ({
      command: (typed) =>
        Effect.provide(telling(typed, unlessDone(typed.signature, unlessTurnedAway(typed, command(typed)))), desk),
      press: (pressed) => Effect.provide(telling(pressed, unlessTurnedAway(pressed, press(pressed))), desk),
      submit: (sent) =>
        Effect.map(submit(sent), ({ after, errors, next }) => ({
          errors,
          next: next ?? null,
          after: Effect.provide(logged(after), desk)
        })).pipe(
          Effect.catchAll((error) =>
            Effect.succeed({ ...refusing(sent, failureText(error)), next: null, after: Effect.logError(error.message) })
          ),
          Effect.provide(desk)
        ),
      closed: (sent) => Effect.provide(logged(closed(sent)), desk),
      search: (sought) =>
        search(sought).pipe(
          Effect.catchAll((error) => Effect.as(Effect.logError(error.message), [])),
          Effect.provide(desk)
        ),
      turnAway: (why) => Effect.provide(turnAway(why), desk)
    }))
  )
}

const command = (typed: Typed): Effect.Effect<Message | null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const known = yield* sweeps.knows(typed.user)
    const intent = yield* parseIntent(typed.text, yield* DateTime.now)
    if (intent._tag === "Help") return helpMessage(known, intent.topic)
    if (intent._tag === "Menu") return known ? yield* askMenu(typed, typed.trigger) : helpMessage(known)
    if (!known) return yield* unknownPerson(typed.user, `/keysweep ${verbOf(intent)}`)
    if (intent._tag === "Resume") return yield* resume(intent.run, typed)
    if (intent._tag === "Panic") return yield* askToPanic(typed, intent.reason, openedBy(typed.trigger))
    if (intent._tag === "Approve" && intent.plan !== null) return yield* approveByHash(intent.plan, typed)
    const reply = yield* replyTo(intent, typed.user).pipe(
      Effect.catchTag("ReasonMissing", ({ message }) => Effect.succeed(privately(sayWhy(message, typed))))
    )
    switch (reply._tag) {
      case "Private":
        return yield* withFile(typed.user, reply)
      case "Public":
        return yield* Effect.as(
          Effect.flatMap(SlackApi, (slack) => slack.post(typed.channel, reply.message)),
          null
        )
      case "Plan":
        return yield* open(typed, reply.plan)
    }
  })

/** The exact command to send instead, but for the reason itself. */
const sayWhy = (problem: string, { text }: Typed): string => `${problem} Send: /keysweep ${text.trim()} reason:"why"`

/** The same as the button: it may come from a list, and be too late. */
const approveByHash = (hash: string, { user }: Typed) =>
  Effect.gen(function* () {
    const request = yield* requested(hash)
    yield* approve(request, user)
    return said(`Approved: ${planText(request.plan)}.`)
  })

const press = ({ press, trigger, user, value }: Pressed): Effect.Effect<Message | null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const request = yield* find(value)
    if (request === null) return said("I do not know this plan. Nothing was changed.")
    if (request.taken !== null || request.ending !== null) {
      yield* sweeps.refused(userActor(user), planText(request.plan), `${press}: it was decided already`)
      return said("This was decided already. Nothing was changed by this click.")
    }
    if (press !== "approve" && !(yield* sweeps.knows(user)))
      return yield* unknownPerson(user, `${press} of ${planText(request.plan)}`)
    const text = yield* press === "confirm"
      ? askToConfirm(request, user, trigger)
      : press === "approve"
        ? approve(request, user)
        : cancel(request, user)
    return text === null ? null : said(text)
  })

const submit = (sent: Sent): Effect.Effect<Answered, Failure, AlarmClock | Desk | RequestGuard> =>
  Effect.gen(function* () {
    const menu = Option.getOrNull(menuSubject(sent.subject))
    const refusal = yield* turnedAway({ ...sent, channel: menu?.channel ?? null })
    if (refusal !== null) return refusing(sent, refusal)
    if (menu !== null && (sent.form === "menu" || sent.form === "verb"))
      return yield* filledIn(menu, sent.user, sent.view ?? "", sent.filled ?? {})
    if (sent.form === "begin") return yield* begun(sent.subject, sent.user, sent.typed)
    if (sent.form === "panic") return yield* panicked(sent.subject, sent.user, sent.typed)
    const request = yield* find(sent.subject)
    return request === null
      ? { errors: { phrase: "I do not know this plan. Nothing was changed." }, after: Effect.void }
      : yield* answered(request, sent.user, sent.typed)
  })

/** Under a field that the form has: Slack shows no other. */
const refusing = ({ filled }: Sent, text: string): Answered => ({
  errors: { [Object.keys(filled ?? {})[0] ?? "phrase"]: text },
  after: Effect.void
})

/** Keys to choose from, for those who may ask. Nobody else learns a name. */
const search = ({ team, text, user }: Sought): Effect.Effect<ReadonlyArray<Choice>, Failure, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const isHeard = (yield* sweeps.deaf({ team, channel: null })) === null && (yield* sweeps.knows(user))
    return isHeard ? yield* keyChoices(text) : []
  })

const turnAway = (why: string) =>
  Effect.flatMap(Sweeps, (sweeps) => sweeps.refused(stranger, "request to the bot", why, why))

/** Of all servers one does it. */
const unlessDone = <R>(signature: string | null, work: Effect.Effect<Message | null, Failure, R>) =>
  Effect.gen(function* () {
    const guard = yield* RequestGuard
    switch (signature === null ? "admitted" : yield* guard.once(signature)) {
      case "admitted":
        return yield* work
      case "replay":
        return yield* Effect.as(turnAway("replay"), null)
      case "not known":
        return said("The database does not answer. Nothing was changed: say it again in a while.")
    }
  })

const unlessTurnedAway = <R>(
  asker: Where & { readonly user: string },
  work: Effect.Effect<Message | null, Failure, R>
) => Effect.flatMap(turnedAway(asker), (refusal) => (refusal === null ? work : Effect.succeed(said(refusal))))

/** Why nothing is done for somebody, whoever they are: where they ask, or how often. Recorded, once a minute. */
const turnedAway = ({ channel, team, user }: Where & { readonly user: string }) =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const guard = yield* RequestGuard
    const refuse = (why: string, words: string) =>
      Effect.as(sweeps.refused(userActor(user), "request to the bot", why, `${why} ${user}`), words)
    const deaf = yield* sweeps.deaf({ team, channel })
    if (deaf !== null) return yield* refuse(deaf, `This is ${deaf}. Nothing was changed.`)
    if (yield* guard.mayAsk(user)) return null
    return yield* refuse("too many requests", "These are too many requests. Nothing was changed; wait a minute.")
  })

const find = (id: string): Effect.Effect<Request | null, Failure, Desk> =>
  Option.match(Schema.decodeUnknownOption(RequestId)(id), {
    onNone: () => Effect.succeed(null),
    onSome: (known) => Effect.flatMap(Requests, (requests) => Effect.map(requests.find(known), Option.getOrNull))
  })

const unknownPerson = (user: string, what: string): Effect.Effect<Message, never, Sweeps> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    yield* sweeps.refused(
      userActor(user),
      what,
      "not among the people that the settings name",
      `unknown person ${user}`
    )
    const doubt = yield* Effect.orElseSucceed(sweeps.doubt, () => null)
    const text = "You are not among the people that the settings name, so I do nothing for you but /keysweep help."
    return said(doubt === null ? text : `${text} ${doubt}`)
  })

/** Says what came of it to whoever asked; what went wrong as well. */
const telling = <R>(asker: { readonly responseUrl: string }, work: Effect.Effect<Message | null, Failure, R>) =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const answer = yield* work.pipe(
      Effect.catchAll((error) => Effect.succeed(said(failureText(error)))),
      Effect.catchAllDefect(() =>
        Effect.succeed(said("A fault in keysweep itself. /keysweep list shows the keys as they are."))
      )
    )
    if (answer !== null) yield* slack.answer(asker.responseUrl, answer)
  }).pipe(Effect.catchAll((error) => Effect.logError(error.message)))

const logged = <R>(work: Effect.Effect<void, Failure, R>) =>
  Effect.catchAll(work, (error) => Effect.logError(error.message))
