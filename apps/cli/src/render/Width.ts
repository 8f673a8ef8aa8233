/**
 * Columns that a line takes on a terminal: wide characters take two, combining ones none.
 *
 * It agrees with string-width about every assigned character (a test compares them), and costs nothing at the start:
 * loading string-width takes 40 ms on Node 20, a fifth of `keysweep list`. Joined emoji are counted one by one, because
 * no harmless line has the joiner any more.
 */
export const widthOf = (text: string): number => {
  if (ascii.test(text)) return text.length
  let width = 0
  let last = 0
  for (const character of text) {
    // The emoji form of a character that is narrow otherwise.
    if (character === "\uFE0F" && last === 1) width += 1
    last = widthOfCharacter(character)
    width += last
  }
  return width
}

/** The beginning of a text that takes at most so many columns, never cut through a character with its marks. */
export const fitting = (text: string, columns: number): string => {
  let kept = ""
  for (const character of text) {
    if (widthOf(kept + character) > columns) break
    kept += character
  }
  return kept
}

const widthOfCharacter = (character: string): 0 | 1 | 2 => {
  if (none.test(character)) return 0
  return wide.test(character) && !narrow.test(character) ? 2 : 1
}

const ascii = /^[\x20-\x7e]*$/
const none =
  /[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}\p{Emoji_Modifier}]/u
/** East Asian Width W and F, by what JavaScript knows of a character. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\p{Script=Khitan_Small_Script}\p{Emoji_Presentation}\u2329\u232A\u2630-\u2637\u268A-\u268F\u2FF0-\u303E\u309B-\u30FF\u3190-\u33FF\u4DC0-\u4DFF\uA960-\uA97F\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1D300}-\u{1D376}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u
const narrow = /[\u02EA\u02EB\u1160-\u11FF\u303F\u3248-\u324F\uD7B0-\uD7FF\uFF61-\uFFDC\u{1F1E6}-\u{1F1FF}]/u
