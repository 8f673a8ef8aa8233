import { markdownTable } from "../Page.ts"
import { median } from "../Pairs.ts"
import type { Vitals } from "./Vitals.ts"

export interface Sample extends Vitals {
  /** Since the beginning. */
  readonly minute: number
}

const mega = 1024 * 1024

const measures = [
  { name: "heap after a collection", of: ({ heap }: Vitals) => heap / mega, unit: " MB", digits: 1 },
  { name: "resident memory", of: ({ resident }: Vitals) => resident / mega, unit: " MB", digits: 0 },
  { name: "open files and sockets", of: ({ descriptors }: Vitals) => descriptors, unit: "", digits: 0 },
  { name: "handles of the event loop", of: ({ handles }: Vitals) => handles, unit: "", digits: 0 }
]

export const sampleText = (sample: Sample): string =>
  `${sample.minute.toFixed(1)} min: ${measures.map(({ digits, name, of, unit }) => `${name} ${of(sample).toFixed(digits)}${unit}`).join(", ")}`

/** The medians of the thirds of the time, and how much a straight line through the last two of them grows in 10 minutes. */
export const trend = (samples: ReadonlyArray<Sample>): string => {
  const last = samples.at(-1)?.minute ?? 0
  const thirds = [0, 1, 2].map((third) =>
    samples.filter(({ minute }) => minute > (third / 3) * last && minute <= ((third + 1) / 3) * last)
  )
  const settled = thirds.slice(1).flat()
  const row = ({ digits, name, of, unit }: (typeof measures)[number]) => [
    name,
    ...thirds.map((part) => `${median(part.map(of)).toFixed(digits)}${unit}`),
    `${(slope(settled.map((sample) => [sample.minute, of(sample)])) * 10).toFixed(2)}${unit}`
  ]
  return markdownTable([["", "First third", "Second", "Last", "In 10 minutes"], ...measures.map(row)])
}

/** Of the straight line with the least squares. */
const slope = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(([it]) => it), mean(([, it]) => it)]
  const spread = mean(([it]) => (it - x) ** 2)
  return spread === 0 ? 0 : mean(([one, other]) => (one - x) * (other - y)) / spread
}
