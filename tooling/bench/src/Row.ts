/** What a ratio must reach. */
export interface Bar {
  readonly kind: "at most" | "at least"
  readonly ratio: number
}

export interface Options {
  /** Windows and cooldowns are divided by it; 1 is the real thing. */
  readonly timeScale: number
  /** The sizes and the number of rounds that the page shows; else a quick look. */
  readonly full: boolean
}

/** One comparison. Times and rates are shown; what is judged is the ratio. */
export interface Case {
  readonly what: string
  readonly ours: string
  readonly against: string
  readonly ratio: number
  /** Says why the bar is missed whatever the ratio: a 429, a wrong result. */
  readonly wrong?: string | undefined
  /** The ratio of a scaled run says little: it is shown, and not held against the bar. */
  readonly scaled?: boolean
}

export interface Measured {
  readonly cases: ReadonlyArray<Case>
  /** What a reader of the numbers must know of this run: sizes, rounds, scale. */
  readonly note: string
}

/** One promise of the design about speed, measured against something that everybody knows, side by side in one run. */
export interface Row {
  /** As typed after `pnpm bench`. */
  readonly name: string
  /** What is compared with what; a heading. */
  readonly title: string
  /** Nothing: it is measured, and promised is nothing. */
  readonly bar: Bar | null
  /** How it is measured, for the page. */
  readonly how: string
  readonly run: (options: Options) => Promise<Measured>
}

export type Verdict = "reached" | "missed" | "not judged"

export const verdictOf = (bar: Bar | null, { ratio, scaled, wrong }: Case): Verdict => {
  if (wrong !== undefined) return "missed"
  if (scaled === true || bar === null) return "not judged"
  return (bar.kind === "at most" ? ratio <= bar.ratio : ratio >= bar.ratio) ? "reached" : "missed"
}

export const barText = (bar: Bar | null): string =>
  bar === null ? "none" : `${bar.kind === "at most" ? "≤" : "≥"} ${bar.ratio}`
