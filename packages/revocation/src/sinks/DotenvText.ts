/** One assignment in a dotenv file: where its value stands, and what it is without its quotes. */
interface Assignment {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly value: string
}

/**
 * The text with a variable set: every assignment of it, so that no old value is left; a new line at the end where there is
 * none. Everything else stays as it is: comments, order, line breaks. `null`: the value cannot be written in this format.
 */
export const withVariable = (text: string, name: string, value: string): string | null => {
  const written = /^[\w.~+=/:@-]+$/.test(value) ? value : /^[^'\r\n]*$/.test(value) ? `'${value}'` : null
  if (written === null) return null
  const found = assignmentsIn(text).filter((it) => it.name === name)
  if (found.length > 0) {
    return found.reduceRight((changed, { end, start }) => changed.slice(0, start) + written + changed.slice(end), text)
  }
  const eol = text.includes("\r\n") ? "\r\n" : "\n"
  const gap = text === "" || text.endsWith("\n") ? "" : eol
  return `${text}${gap}${name}=${written}${eol}`
}

/** What a program that reads the file gets: the last assignment counts. */
export const variableIn = (text: string, name: string): string | undefined =>
  assignmentsIn(text)
    .filter((it) => it.name === name)
    .at(-1)?.value

const assignmentsIn = (text: string): ReadonlyArray<Assignment> =>
  [...text.matchAll(assignment)].map((match) => {
    const [whole, name = "", raw = ""] = match
    const end = match.index + whole.length
    return { name, start: end - raw.length, end, value: /^["'`]/.test(raw) ? raw.slice(1, -1) : raw }
  })

/**
 * Name and value; a quoted value may go over several lines, and what looks like an assignment in it is none. A bare one
 * ends with its line or where a comment begins. Before the first one there may be a byte order mark.
 */
const assignment =
  /^[\uFEFF \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|(?:[^\s#]|[ \t]+(?=[^\s#])|(?<=\S)#)*)(?=[ \t]*(?:[ \t]#[^\r\n]*)?\r?$)/gm
