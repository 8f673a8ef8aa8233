import type { Progress } from "@keysweep/revocation/Progress"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { Effect, Option } from "effect"
import { type Block, header, mention, type Message, message, plain, small } from "../Blocks.ts"
import { progressIn } from "../LiveProgress.ts"
import { receiptBlocks } from "../ReceiptBlocks.ts"
import { type Failure, failureText } from "../Reply.ts"
import { SlackApi } from "../SlackApi.ts"

/** Who asked for a run that begins at once, without a plan to press on, and where. */
export interface Asker {
  readonly user: string
  readonly channel: string
  readonly responseUrl: string
}

/**
 * Runs it, and shows it in one message of the channel, which becomes the receipt. That the message cannot be shown stops
 * nothing: whoever asked is told the end.
 */
export const carry = <R>(
  asker: Asker,
  what: string,
  about: ReadonlyArray<Block>,
  run: (progress: typeof Progress.Service) => Effect.Effect<Receipt, Failure, R>
): Effect.Effect<void, never, R | SlackApi> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const blocks = [small(`Asked by ${mention(asker.user)}`), ...about]
    const ts = yield* Effect.option(slack.post(asker.channel, runningMessage(what, "Starting …", blocks)))
    const place = Option.getOrNull(Option.map(ts, (ts) => ({ channel: asker.channel, ts })))
    const end = yield* Effect.flatMap(
      progressIn(place, (progress) => runningMessage(what, progress, blocks)),
      run
    ).pipe(
      Effect.scoped,
      Effect.map((receipt) => receiptMessage(what, receipt, blocks)),
      Effect.catchAll((error) => Effect.succeed(notRunMessage(what, failureText(error), blocks))),
      Effect.catchAllDefect(() => Effect.succeed(notRunMessage(what, fault, blocks)))
    )
    const privately = slack.answer(asker.responseUrl, end)
    yield* place === null ? privately : Effect.orElse(slack.update(place, end), () => privately)
  }).pipe(Effect.catchAll((error) => Effect.logError(error.message)))

const runningMessage = (what: string, progress: string, about: ReadonlyArray<Block>): Message =>
  message(`Running: ${what}.`, [header(`Running: ${what}`), ...about, plain(progress)])

export const receiptMessage = (what: string, receipt: Receipt, about: ReadonlyArray<Block>): Message => {
  const title = receipt.outcome === "done" ? `Done: ${what}` : `Not done (${receipt.outcome}): ${what}`
  return message(`${title}.`, [
    header(title),
    ...about,
    ...(receipt.stopped === null ? [] : [plain(`Stopped: ${receipt.stopped}`)]),
    ...receiptBlocks(receipt)
  ])
}

const notRunMessage = (what: string, text: string, about: ReadonlyArray<Block>): Message =>
  message(`Not done: ${what}.`, [header(`Not done: ${what}`), ...about, plain(text)])

const fault = "A fault in keysweep itself. What was done until then is in the log: /keysweep runs, /keysweep log."
