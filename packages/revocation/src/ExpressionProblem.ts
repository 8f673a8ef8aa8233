import { oneLine } from "@keysweep/core/SafeText"
import { Schema } from "effect"

/** A place in an expression. Line and column count from 1; a column is a character. */
export const ExpressionPlace = Schema.Struct({
  line: Schema.Int,
  column: Schema.Int,
  /** The line, shortened, and a second line with a caret under the place. */
  excerpt: Schema.String
})
export type ExpressionPlace = typeof ExpressionPlace.Type

export interface ExpressionProblem {
  /** What is wrong, in one line of words that follow on "the expression:". */
  readonly detail: string
  readonly place: ExpressionPlace | null
}

/** @param offset - In UTF-16 units from the beginning of the text. */
export const problemAt = (text: string, offset: number, detail: string): ExpressionProblem => {
  const before = text.slice(0, offset).split("\n")
  const column = [...(before.at(-1) ?? "")].length
  const line = [...(text.split("\n")[before.length - 1] ?? "")].map((character) =>
    isVisible(character) ? character : " "
  )
  const start = Math.max(0, column - beforePlace)
  const shown = line.slice(start, start + width).join("")
  const excerpt = `${shown}\n${" ".repeat(column - start)}^`
  return { detail: oneLine(detail, 400), place: { line: before.length, column: column + 1, excerpt } }
}

const width = 76
const beforePlace = 50

/** Control and bidirectional characters would move the caret, or lie about the text. */
const isVisible = (character: string): boolean => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character)
