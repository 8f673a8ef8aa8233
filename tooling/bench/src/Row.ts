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
  /** Says why the comparison does not count, whatever the ratio: a 429, a wrong result. */
  readonly wrong?: string | undefined
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
  readonly bar: Bar
  /** How it is measured, for the page. */
  readonly how: string
  readonly run: (options: Options) => Promise<Measured>
}

export const reaches = (bar: Bar, { ratio, wrong }: Case): boolean =>
  wrong === undefined && (bar.kind === "at most" ? ratio <= bar.ratio : ratio >= bar.ratio)

export const barText = ({ kind, ratio }: Bar): string => `${kind === "at most" ? "≤" : "≥"} ${ratio}`
