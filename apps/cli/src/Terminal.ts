import { type Challenge, Confirmation } from "@keysweep/revocation/Confirmation"
import { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import { Effect, Layer, Option } from "effect"
import { createInterface } from "node:readline"
import { Output, type Sink } from "./Output.ts"
import { planText } from "./render/PlanText.ts"

/**
 * Asks at the terminal, on standard error, so that what goes into a pipe stays clean. A pipe can never answer: both the
 * keyboard and the screen must be terminals.
 */
export const confirmationLayer: Layer.Layer<Confirmation, never, Output> = Layer.effect(
  Confirmation,
  Effect.gen(function* () {
    const { err } = yield* Output
    return Confirmation.of({
      ask: (plan, challenge, { number, of }) =>
        Effect.flatMap(err.width, (width) =>
          askAt(
            err,
            number === 1 ? `${planText(plan, err.style, width)}\n\n` : missed(number, of),
            question(challenge, err.style.bold)
          )
        )
    })
  })
)

/** Shows a text, asks, and takes one line. */
export const askAt = (err: Sink, text: string, question: string): Effect.Effect<string, ConfirmationRefused> =>
  Effect.gen(function* () {
    if (!process.stdin.isTTY || !err.isTerminal) return yield* nobodyToAsk
    const answer = yield* err.still(Effect.zipRight(err.write(text + question), line))
    if (Option.isSome(answer)) return answer.value
    yield* err.write("\n")
    return yield* noAnswer
  })

export const missed = (number: number, of: number): string => `That is not the phrase (attempt ${number} of ${of}).\n`

const nobodyToAsk = new ConfirmationRefused({
  reason: "no terminal",
  detail:
    "Nobody can be asked: there is no terminal, and a pipe cannot confirm. Save a plan, read it, and confirm it by its hash."
})

const noAnswer = new ConfirmationRefused({ reason: "declined", detail: "Not confirmed; nothing was changed." })

export const question = (challenge: Challenge, bold: (text: string) => string): string =>
  challenge.kind === "yes-no" ? `${challenge.question} [y/N] ` : `Type ${bold(challenge.phrase)} to go on: `

/**
 * One line from the keyboard; none when the input ends. The terminal stays in its ordinary mode, so that Ctrl-C is the
 * signal that it always is.
 */
const line: Effect.Effect<Option.Option<string>> = Effect.async((resume) => {
  const reader = createInterface({ input: process.stdin, terminal: false })
  reader.once("line", (text) => {
    resume(Effect.succeedSome(text))
    reader.close()
  })
  reader.once("close", () => resume(Effect.succeedNone))
  return Effect.sync(() => reader.close())
})
