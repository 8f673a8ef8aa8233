import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export interface Corpus {
  readonly bytes: number
  /** Secrets that were written into files, each into one. */
  readonly planted: ReadonlyArray<string>
}

const perFolder = 100
const meanBytes = 6500

/** A repository of so many source files, all tracked, with a key in every five-hundredth. The same each time. */
export const makeCorpus = (folder: string, files: number): Corpus => {
  const random = randomFrom(7)
  const planted: Array<string> = []
  let bytes = 0
  for (let index = 0; index < files; index++) {
    const parent = join(folder, `module-${Math.floor(index / perFolder)}`)
    if (index % perFolder === 0) mkdirSync(parent, { recursive: true })
    let text = ""
    const length = meanBytes * (0.2 + 1.6 * random())
    while (text.length < length) text += line(random)
    if (index % 500 === 250) {
      const secret = `ek-proxy-${Math.floor(random() * 2 ** 40)
        .toString(16)
        .padStart(32, "0")}`
      planted.push(secret)
      text += `ELECTRONHUB_KEY=${secret}\n`
    }
    writeFileSync(join(parent, `file-${index}.ts`), text)
    bytes += text.length
  }
  const git = (...args: ReadonlyArray<string>) => execFileSync("git", ["-C", folder, ...args], { stdio: "ignore" })
  git("init", "-q")
  git("add", "-A")
  return { bytes, planted }
}

/** Words as they are in sources. */
const words =
  "const return export import function interface readonly string number token key Effect config request response value account limit window => === ( ) { } [ ] , . : \"text\" 'name' 0 1 42 // a comment of some length".split(
    " "
  )

const line = (random: () => number): string => {
  let text = "  "
  for (let left = 3 + Math.floor(random() * 12); left > 0; left--) {
    text += `${words[Math.floor(random() * words.length)]} `
  }
  // A near miss of what is looked for, as often as a hyphenated word stands in a text.
  return random() < 0.01 ? `${text}week-end\n` : `${text}\n`
}

/** mulberry32: the same numbers on every machine. */
const randomFrom = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
