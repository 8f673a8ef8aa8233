import type { PacerRules, PacerState, Slot } from "./PacerState.ts"

/** What one reply shows: that the upstream counted `used` requests at some moment between `sentAt` and `now`. */
export interface Count {
  readonly id: string
  readonly sentAt: number
  readonly now: number
  readonly used: number
}

/**
 * When each request that others made stops counting, after one more reply.
 *
 * How many of the counted requests were ours is known exactly for requests one after another, and within bounds for
 * concurrent ones, whose replies overtake each other. What is held of others moves no further than into those bounds:
 * so a burst of our own is not taken for a neighbour's, and a late reply does not make us forget one.
 */
export const othersAfter = ({ slots, foreign }: PacerState, rules: PacerRules, count: Count): ReadonlyArray<number> => {
  const counted = rules.window + rules.margin
  const repliedAt = (slot: Slot) => (slot.open ? Infinity : slot.freeAt - counted)
  const ours = slots.filter((slot) => slot.id !== count.id)
  const surely = ours.filter(
    (slot) => repliedAt(slot) <= count.sentAt && slot.sentAt > count.now - rules.window
  ).length
  const perhaps = ours.filter((slot) => repliedAt(slot) > count.sentAt - rules.window).length
  const atMost = Math.max(0, count.used - 1 - surely)
  const atLeast = Math.max(0, count.used - 1 - perhaps)
  const counting = foreign.filter((until) => until > count.now)
  const seenBefore = counting.filter((until) => until - counted <= count.sentAt)
  const kept = counting.slice(Math.max(0, seenBefore.length - atMost))
  const fresh = Array.from({ length: Math.max(0, atLeast - kept.length) }, () => count.now + counted)
  return [...kept, ...fresh]
}
