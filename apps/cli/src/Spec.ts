import { talkOptions } from "./Talk.ts"
import { CliConfig, Command, type HelpDoc, type Span } from "@effect/cli"

/** One option as the command declares it. */
export interface OptionSpec {
  /** With dashes, as typed: `--key`. The first is the full name. */
  readonly names: ReadonlyArray<string>
  /** What to type after it; absent for a switch. */
  readonly value: string | undefined
  readonly repeats: boolean
  readonly about: string
}

export interface ArgumentSpec {
  readonly name: string
  readonly optional: boolean
  /** Stands last, and takes all that are left. */
  readonly repeats: boolean
  readonly about: string
}

/** What a command takes, read out of the help that @effect/cli makes of it. */
export interface CommandSpec {
  readonly options: ReadonlyArray<OptionSpec>
  readonly arguments: ReadonlyArray<ArgumentSpec>
}

export const cliConfig = CliConfig.make({ showBuiltIns: false, isCaseSensitive: true, autoCorrectLimit: 0 })

export const specOf = <Name extends string, R, E, A>(command: Command.Command<Name, R, E, A>): CommandSpec => {
  const options: Array<OptionSpec> = []
  const args: Array<ArgumentSpec> = []
  for (const [section, term, sentences] of definitions(Command.getHelp(command, cliConfig))) {
    const about = sentences.filter((text) => !boilerplate.test(text)).join(" ")
    if (section === "OPTIONS") options.push(optionOf(term, about))
    if (section === "ARGUMENTS") {
      const repeats = sentences.some((text) => /may be repeated/.test(text))
      const optional = repeats || sentences.some((text) => text.endsWith("is optional."))
      args.push({ name: term.replaceAll(/[<>[\]]|\.\.\./g, ""), optional, repeats, about })
    }
  }
  return { options: [...options, ...talkOptions], arguments: args }
}

const optionOf = (term: string, about: string): OptionSpec => {
  const bare = term.replaceAll(/[()[\]]/g, "").replace(/\.\.\.$/, "")
  const words = bare.split(/[\s,]+/).filter((word) => word !== "")
  return {
    names: words.filter((word) => word.startsWith("-")).sort((a, b) => b.length - a.length),
    value: words.find((word) => !word.startsWith("-")),
    repeats: term.endsWith("..."),
    about
  }
}

/** Every definition of a help text with the heading that it stands under. */
const definitions = (
  doc: HelpDoc.HelpDoc
): ReadonlyArray<readonly [section: string, term: string, sentences: ReadonlyArray<string>]> => {
  let section = ""
  const found: Array<readonly [string, string, ReadonlyArray<string>]> = []
  const visit = (part: HelpDoc.HelpDoc): void => {
    if (part._tag === "Sequence") {
      visit(part.left)
      visit(part.right)
    } else if (part._tag === "Header") section = textOf(part.value)
    else if (part._tag === "DescriptionList") {
      for (const [term, about] of part.definitions) {
        found.push([section, textOf(term), paragraphs(about)])
      }
    }
  }
  visit(doc)
  return found
}

/** Sentences that @effect/cli adds to every option, whatever it is. */
const boilerplate =
  /^(?:A user-defined piece of text\.|A true or false value\.|An integer\.|A floating point number\.|A directory\.|A file\.|A valid path to .*|This (?:setting|argument|option) (?:is optional|may be repeated).*)$/

/** The paragraphs of a help text or of a complaint, as plain text. */
export const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
    case "Header":
    case "Paragraph":
      return [textOf(doc.value)]
    case "Enumeration":
      return doc.elements.flatMap(paragraphs)
    case "DescriptionList":
      return doc.definitions.flatMap(([term, about]) => [textOf(term), ...paragraphs(about)])
    case "Empty":
      return []
  }
}

const textOf = (span: Span.Span): string => {
  switch (span._tag) {
    case "Sequence":
      return textOf(span.left) + textOf(span.right)
    case "Text":
    case "URI":
      return span.value
    default:
      return textOf(span.value)
  }
}
