/** The word that was probably meant: at most two slips away (one for short words), the nearest first. */
export const nearest = (typed: string, words: ReadonlyArray<string>): string | undefined => {
  if (typed.length < 3) return undefined
  const limit = typed.length === 3 ? 1 : 2
  const scored = words
    .map((word) => ({ word, slips: word.startsWith(typed) && typed.length >= 3 ? 0 : slips(typed, word) }))
    .filter((it) => it.slips <= limit)
    .sort((a, b) => a.slips - b.slips)
  return scored[0]?.word
}

/** Letters to insert, drop, change or swap with their neighbour (optimal string alignment). */
const slips = (a: string, b: string): number => {
  let before: Array<number> = []
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let col = 1; col <= b.length; col++) {
      const same = a[row - 1] === b[col - 1] ? 0 : 1
      const swapped = row > 1 && col > 1 && a[row - 1] === b[col - 2] && a[row - 2] === b[col - 1]
      current.push(
        Math.min(
          (previous[col] ?? 0) + 1,
          (current[col - 1] ?? 0) + 1,
          (previous[col - 1] ?? 0) + same,
          swapped ? (before[col - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
        )
      )
    }
    before = previous
    previous = current
  }
  return previous[b.length] ?? 0
}
