import { Either } from "effect"
import { oneLine } from "@keysweep/core/SafeText"
import { UsageError } from "./CliError.ts"
import type { CommandSpec, OptionSpec } from "./Spec.ts"
import { nearest } from "@keysweep/revocation/Suggest"

/**
 * Checks what was typed against what the command declares, and gives it back in the one form that @effect/cli reads
 * without guessing: switches, then every option with its value as a word of its own, then `--`, then the arguments.
 *
 * @effect/cli 0.77 by itself takes an unknown option for an argument, drops `--key=value` of an option that may be
 * repeated, and takes the next option for a missing value. In a tool that deletes, a flag must not silently mean something else.
 */
export const strictly = (
  typed: ReadonlyArray<string>,
  spec: CommandSpec,
  help: string
): Either.Either<ReadonlyArray<string>, UsageError> => {
  const switches = new Set<string>()
  const options: Array<string> = []
  const positionals: Array<string> = []
  const seen = new Set<OptionSpec>()
  const refuse = (detail: string, ...next: ReadonlyArray<string>) =>
    Either.left(new UsageError({ detail, next: [...next, help] }))

  for (let at = 0; at < typed.length; at++) {
    const token = typed[at] ?? ""
    if (token === "--") {
      positionals.push(...typed.slice(at + 1))
      break
    }
    if (!token.startsWith("-") || token === "-") {
      positionals.push(token)
      continue
    }
    const equals = token.indexOf("=")
    const name = equals === -1 ? token : token.slice(0, equals)
    const option = spec.options.find(({ names }) => names.includes(name))
    if (option === undefined) {
      const meant = nearest(
        name,
        spec.options.flatMap(({ names }) => names)
      )
      return refuse(`Unknown option ${quoted(name)}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`)
    }
    if (seen.has(option) && !option.repeats && option.value !== undefined)
      return refuse(`${name} is given more than once.`)
    seen.add(option)
    const fullName = option.names[0] ?? name
    if (option.value === undefined) {
      if (equals !== -1) return refuse(`${name} is a switch: it takes no value.`)
      switches.add(fullName)
      continue
    }
    const following = typed[at + 1]
    if (equals === -1 && (following === undefined || (following.startsWith("-") && following !== "-"))) {
      return refuse(`${name} needs a value: ${name} ${option.value}.`)
    }
    const value = equals === -1 ? (following ?? "") : token.slice(equals + 1)
    if (value === "") return refuse(`${name} needs a value that is not empty.`)
    if (equals === -1) at++
    options.push(fullName, value)
  }
  const [extra] = spec.arguments.at(-1)?.repeats === true ? [] : positionals.slice(spec.arguments.length)
  if (extra !== undefined) {
    return refuse(`${quoted(extra)} is one argument too many.`)
  }
  const missing = spec.arguments[positionals.length]
  if (missing !== undefined && !missing.optional)
    return refuse(`${missing.name} is missing${missing.about === "" ? "" : `: ${missing.about}`}.`)
  return Either.right([...switches, ...options, ...(positionals.length === 0 ? [] : ["--", ...positionals])])
}

const quoted = (text: string): string => `"${oneLine(text, 60)}"`
