/** Numbers that are the same for the same seed, on every machine. */
export interface Chance {
  /** At least 0, below 1. */
  readonly next: () => number
  /** A whole number from 0 to below `count`. */
  readonly below: (count: number) => number
  readonly one: <A>(of: readonly [A, ...ReadonlyArray<A>]) => A
  readonly yes: (share: number) => boolean
}

/** mulberry32 */
export const chanceOf = (seed: number): Chance => {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return { next, below, one: (of) => of[below(of.length)] ?? of[0], yes: (share) => next() < share }
}

/** So many of them, in their order, each as likely as any other. */
export const sample = <A>(chance: Chance, all: ReadonlyArray<A>, count: number): ReadonlyArray<A> => {
  const ranked = all.map((it, index) => ({ it, index, rank: chance.next() })).sort((a, b) => a.rank - b.rank)
  return ranked
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ it }) => it)
}
