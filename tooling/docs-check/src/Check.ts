import { assert } from "vitest"
import { parse as parseYaml } from "yaml"
import type { Bench } from "./Bench.ts"
import { type Block, shells } from "./Page.ts"
import { exchanges, firstDifference } from "./Transcript.ts"
import { emit } from "./TypeScript.ts"

export const isProgram = ({ language }: Block): boolean => language === "ts" || language === "typescript"

const isTranscript = ({ language, text }: Block): boolean => language === "console" && /^\$ /m.test(text)

/** Whether a block needs the bench of its page. */
export const isRun = (block: Block): boolean =>
  !("skip" in block.marks) && (shells.has(block.language) || isTranscript(block) || "run" in block.marks)

/**
 * Whether anything can be checked about a block: commands run, programs compile (and run when marked), data parses. What
 * is left are pictures and snippets of other languages.
 */
export const isChecked = (block: Block): boolean =>
  "skip" in block.marks || isRun(block) || isProgram(block) || ["json", "yaml", "yml"].includes(block.language)

/** Checks one block, named `name` among the programs; `rejected` is what the compiler said against it. */
export const check = async (block: Block, name: string, rejected: string, bench: () => Bench): Promise<void> => {
  const { language, marks, output, text } = block
  if (marks["skip"] === "") assert.fail(`a block that is not run says why: skip="…"`)
  if (language === "json") JSON.parse(text)
  else if (language === "yaml" || language === "yml") parseYaml(text)
  else if (shells.has(language)) await play(bench(), text, output, marks)
  else if (isTranscript(block))
    for (const each of exchanges(text)) await play(bench(), each.command, each.output, marks)
  else {
    assert.strictEqual(rejected, "")
    if ("run" in marks) await play(bench(), `node "${emit(name, text)}"`, output, marks)
  }
}

const play = async (bench: Bench, command: string, expected: string | undefined, marks: Block["marks"]) => {
  if ("background" in marks) {
    await bench.serve(command)
    return
  }
  const { status, output } = await bench.run(command)
  assert.strictEqual(status, Number(marks["exit"] ?? 0), `$ ${command}\n${output}`)
  const missing = expected === undefined ? undefined : firstDifference(expected, output)
  if (missing !== undefined) assert.fail(`the page shows what was not printed: ${missing}\n\n$ ${command}\n${output}`)
}
