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
  // At the far edge of the window a request is taken to have arrived half-way between its sending and its reply.
  const travel = (count.now - count.sentAt) / 2
  const arrivedAt = (slot: Slot) => (slot.open ? slot.sentAt + travel : (slot.sentAt + repliedAt(slot)) / 2)
  const edge = count.now - travel - rules.window
  const perhaps = slots.filter((slot) => slot.id !== count.id && arrivedAt(slot) > edge)
  const surely = perhaps.filter((slot) => repliedAt(slot) <= count.sentAt)
  const atMost = Math.max(0, count.used - 1 - surely.length)
  const atLeast = Math.max(0, count.used - 1 - perhaps.length)
  const counting = foreign.filter((until) => until > count.now)
  const seenBefore = counting.filter((until) => until - counted <= count.sentAt)
  const kept = counting.slice(Math.max(0, seenBefore.length - atMost))
  const fresh = Array.from({ length: Math.max(0, atLeast - kept.length) }, () => count.now + counted)
  return [...kept, ...fresh]
}
