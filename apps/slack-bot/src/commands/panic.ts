import { makeRunId } from "@keysweep/audit/RunId"
import { oneLine } from "@keysweep/core/SafeText"
import type { PanicChoice } from "@keysweep/revocation/Panic"
import { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import { Progress } from "@keysweep/revocation/Progress"
import { Effect, Either, Option, Ref, Schema } from "effect"
import { input, type Block, type Modal, plain } from "../Blocks.ts"
import { AlarmClock } from "../AlarmClock.ts"
import { home } from "../Environment.ts"
import type { Asker } from "../Errand.ts"
import { errandEndMessage } from "../ErrandMessage.ts"
import { Errands, errandOf } from "../Errands.ts"
import { perform } from "../ErrandWork.ts"
import type { Desk } from "../Proceeding.ts"
import { type Failure, failureText } from "../Reply.ts"
import { SlackApi } from "../SlackApi.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { counted, duration, moment } from "../Words.ts"
import type { Answered } from "./confirm.ts"

/** What the form keeps while somebody reads it. */
const Asked = Schema.parseJson(
  Schema.Struct({
    channel: Schema.String,
    responseUrl: Schema.String,
    reason: Schema.NullOr(Schema.String),
    phrases: Schema.Array(Schema.String)
  })
)

/** A form while the keys are read, which may take longer than Slack lets one wait; gives its id. */
export const openedBy = (trigger: string): Effect.Effect<string, Failure, Desk> =>
  Effect.flatMap(SlackApi, (slack) => slack.openModal(trigger, form(null, [plain("Reading the account's keys …")])))

/** Shows both ways to zero active keys in a form that is open. */
export const askToPanic = (
  asker: Asker,
  reason: string | null,
  opened: Effect.Effect<string, Failure, Desk>
): Effect.Effect<null, Failure, Desk> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const view = yield* opened
    const choices = yield* Effect.either(waysOf(asker.user))
    const modal = Either.match(choices, {
      onLeft: (error) => form(null, [plain(failureText(error))]),
      onRight: (choices) => {
        const { channel, responseUrl } = asker
        const phrases = choices.map(({ phrase }) => phrase)
        const short = reason === null ? null : oneLine(reason, 300)
        return form(Schema.encodeSync(Asked)({ channel, responseUrl, reason: short, phrases }), choiceBlocks(choices))
      }
    })
    yield* slack.updateModal(view, modal)
    return null
  })

/** Judges what was typed, and begins. Nobody else is asked. */
export const panicked = (subject: string, user: string, typed: string): Effect.Effect<Answered, Failure, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const asked = Option.getOrNull(Schema.decodeUnknownOption(Asked)(subject))
    const phrase = typed.trim()
    if (asked === null) return { errors: { phrase: "This form is not mine. Nothing was changed." }, after: Effect.void }
    if (!(yield* sweeps.knows(user))) {
      const after = sweeps.refused(userActor(user), "panic", "not among the people that the settings name")
      return { errors: null, after }
    }
    if (!asked.phrases.includes(phrase)) {
      return {
        errors: { phrase: "This is neither of the two phrases. Nothing was changed." },
        after: sweeps.refused(userActor(user), "panic", "neither phrase was typed")
      }
    }
    const { channel, reason, responseUrl } = asked
    const run = yield* makeRunId
    const after = begin({ channel, responseUrl, user, run, panic: { phrase, reason } })
    return { errors: null, after }
  })

/** A panic goes on where nothing can be kept of it, too: in this process alone. */
const begin = (wanted: Parameters<(typeof Errands.Service)["open"]>[0]) =>
  Effect.gen(function* () {
    const errands = yield* Errands
    const slack = yield* SlackApi
    const alarms = yield* AlarmClock
    const id = yield* Effect.option(errands.open(wanted))
    if (Option.isSome(id)) return yield* alarms.begin(id.value)
    const errand = yield* errandOf(wanted)
    const { ending } = yield* perform(errand, 1, Effect.succeed(null))
    yield* slack.answer(errand.responseUrl, errandEndMessage(errand, ending))
  })

/** Both ways as they are now; nothing is done. */
const waysOf = (user: string): Effect.Effect<ReadonlyArray<PanicChoice>, Failure, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const folder = yield* home
    const seen = yield* Ref.make<ReadonlyArray<PanicChoice>>([])
    const look = (sweep: Parameters<Parameters<typeof sweeps.urgently>[1]>[0]) =>
      sweep.panic({
        reason: null,
        home: folder,
        choose: (choices) => Effect.zipRight(Ref.set(seen, choices), changed),
        onTrouble: () => Effect.void
      })
    const quiet = Progress.of({ report: () => Effect.void })
    const came = yield* Effect.either(sweeps.urgently(userActor(user), look, quiet))
    const choices = yield* Ref.get(seen)
    return choices.length === 0 && Either.isLeft(came) ? yield* Effect.fail(came.left) : choices
  })

const changed = Effect.fail(
  new ConfirmationRefused({
    reason: "three misses",
    detail:
      "The keys have changed since the form was shown; nothing was changed by this. Ask once more: /keysweep panic."
  })
)

const form = (subject: string | null, blocks: ReadonlyArray<Block>): Modal => ({
  id: "panic",
  subject: subject ?? "",
  title: "Panic",
  submit: subject === null ? null : "Stop every key",
  close: "No",
  blocks
})

export const choiceBlocks = (choices: ReadonlyArray<PanicChoice>, asOf = choices[0]?.asOf ?? null) => [
  plain(
    `Zero active keys on ${choices[0]?.account ?? "this account"}, as fast as its rate limit allows. Everything that uses one of these keys stops.${
      asOf === null ? "" : ` Shown as of ${moment(asOf)}; keys made since go too.`
    }`
  ),
  ...choices.map(({ keys, method, phrase, requests, seconds, skipped, way }) =>
    plain(
      [
        phrase,
        `${counted(keys.length, "key")}, ${method === "bulk" ? "one request for all" : counted(requests, "request")}, ${seconds === 0 ? "at once" : `about ${duration(seconds * 1000)}`}. ${way === "disable" ? "Keys can be enabled again." : "A deleted key never comes back."}`,
        ...skipped
          .slice(0, 5)
          .map(({ id, name, reason }) => `Left alone: ${oneLine(name, 60)} (${id}), ${oneLine(reason, 120)}`),
        ...(skipped.length > 5 ? [`and ${skipped.length - 5} more left alone`] : [])
      ].join("\n")
    )
  ),
  input("phrase", "Type one of the two phrases, beginning with panic")
]
