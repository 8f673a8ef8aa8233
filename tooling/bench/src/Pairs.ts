export interface Pairs {
  readonly ours: number
  readonly against: number
  /** Median of the pairs' own ratios, `ours / against`: what slows both halves of a pair does not move it. */
  readonly ratio: number
}

/**
 * Measures A B A B …, so that a busy machine hits both sides; medians of so many rounds. One round before them, to warm
 * up, does not count.
 */
export const interleaved = async (
  rounds: number,
  ours: () => Promise<number>,
  against: () => Promise<number>
): Promise<Pairs> => {
  const pairs: Array<readonly [ours: number, against: number]> = []
  for (let round = 0; round <= rounds; round++) {
    const pair = [await ours(), await against()] as const
    if (round > 0) pairs.push(pair)
  }
  return {
    ours: median(pairs.map(([one]) => one)),
    against: median(pairs.map(([, other]) => other)),
    ratio: median(pairs.map(([one, other]) => one / other))
  }
}

/** Of an even number the mean of the two in the middle; of none NaN. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const at = (index: number) => sorted[index] ?? Number.NaN
  return Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle))
}

/** Milliseconds that it takes. */
export const timed = async (work: () => unknown): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

export const millis = (value: number): string =>
  value < 10_000 ? `${value < 10 ? value.toFixed(2) : Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`
