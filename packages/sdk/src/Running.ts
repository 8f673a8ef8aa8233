import { Effect, Queue, Stream } from "effect"
import type { ProgressEvent } from "./RunDocuments.ts"
import type { Running, RunOptions } from "./Requests.ts"

/** A call and its progress as something to iterate over. What nobody reads is kept until the run has ended. */
export const followed = <Receipt>(
  start: (onProgress: (event: ProgressEvent) => void) => Promise<Receipt>,
  alsoTold: RunOptions["onProgress"]
): Running<Receipt> => {
  const events = Effect.runSync(Queue.unbounded<ProgressEvent | typeof ended>())
  const receipt = start((event) => {
    events.unsafeOffer(event)
    alsoTold?.(event)
  }).finally(() => events.unsafeOffer(ended))
  // It is the caller's to handle, but not to have handled before the loop is over.
  receipt.catch(() => undefined)
  const progress = Stream.takeWhile(Stream.fromQueue(events), (event): event is ProgressEvent => event !== ended)
  return { receipt, [Symbol.asyncIterator]: () => Stream.toAsyncIterable(progress)[Symbol.asyncIterator]() }
}

const ended = Symbol("ended")
