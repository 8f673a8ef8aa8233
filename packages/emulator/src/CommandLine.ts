import { parseArgs, type ParseArgsConfig } from "node:util"
import { Either, ParseResult, Schema } from "effect"
import { readStateFile } from "./DataFile.ts"
import { type EmulatorOptions, isLoopback } from "./Emulator.ts"
import { EmulatorUsage } from "./EmulatorFailed.ts"
import { Fault } from "./Faults.ts"
import { switchHelp } from "./SwitchHelp.ts"
import { Switches } from "./Switches.ts"

/** What one command line asks for. */
export type Asked =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Serve"; readonly json: boolean; readonly options: EmulatorOptions }

/** The options that are no switches: what they take, and what they are for. */
export const plainOptions = {
  host: { takes: "127.0.0.1", help: "Where to listen: 127.0.0.1, ::1 or localhost. Anything but loopback is refused." },
  port: { takes: "0", help: "0: any free port." },
  json: { takes: "", help: 'Print one line, {"url","apiKey","control"}, and serve until signalled.' },
  seed: {
    takes: "demo|empty|FILE",
    help: "The keys at the start; FILE is the document that GET /__emulator/state gives."
  },
  data: {
    takes: "FILE",
    help: "Keep the state in FILE: read at the start if it is there, written after every change."
  },
  "api-key": { takes: "EK", help: "The master key. Default: the seed's, else random." },
  "seed-secret": { takes: "TEXT", help: "Make the same secrets on every start. For tests." },
  "foreign-keys": { takes: "N", help: "Keys of another account, for 403. Default: 2 with --seed demo, else 0." },
  "time-scale": {
    takes: "1",
    help: "Divide the window, the cooldown and the hour of regeneration by N. Numbers in messages stay."
  },
  fault: { takes: "JSON", help: "A fault that waits from the start, as for POST /__emulator/faults. May be repeated." },
  help: { takes: "", help: "This text." }
} as const

/** `limitTypeOmitted` is `--limit-type-omitted`. */
export const optionName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const parseConfig: ParseArgsConfig["options"] = {
  ...Object.fromEntries(
    Object.entries(plainOptions).map(([name, { takes }]) => [
      name,
      { type: takes === "" ? ("boolean" as const) : ("string" as const), multiple: name === "fault" }
    ])
  ),
  ...Object.fromEntries(
    Object.entries(switchHelp).map(([name, { kind }]) => [
      optionName(name),
      { type: "string" as const, multiple: kind === "list" }
    ])
  )
}

const Values = Schema.Struct({
  host: Schema.optional(Schema.String.pipe(Schema.filter(isLoopback))),
  port: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 65_535))),
  json: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  seed: Schema.optionalWith(Schema.String, { default: () => "demo" }),
  data: Schema.optional(Schema.NonEmptyString),
  "api-key": Schema.optional(Schema.String.pipe(Schema.pattern(/^ek-(?!proxy-|dev-)[\x21-\x7e]+$/))),
  "seed-secret": Schema.optional(Schema.String),
  "foreign-keys": Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
  "time-scale": Schema.optional(Schema.NumberFromString.pipe(Schema.greaterThanOrEqualTo(1), Schema.finite())),
  fault: Schema.optional(Schema.Array(Schema.parseJson(Fault))),
  help: Schema.optionalWith(Schema.Boolean, { default: () => false })
})

/** Reads a command line; a seed file is read along with it. The failure names the option, never its value. */
export const parseCommandLine = (args: ReadonlyArray<string>): Either.Either<Asked, EmulatorUsage> =>
  Either.gen(function* () {
    const given: { readonly [name: string]: unknown } = yield* Either.try({
      try: () => parseArgs({ args: [...args], options: parseConfig, strict: true, allowPositionals: false }).values,
      catch: () => new EmulatorUsage({ detail: `Not an option, or a value is missing: ${safe(args)}. See --help.` })
    })
    const values = yield* decoded(Values, given)
    if (values.help) return { _tag: "Help" } as const
    const switches = yield* decoded(Switches, yield* switchValues(given))
    const seed =
      values.seed === "demo" || values.seed === "empty"
        ? values.seed
        : yield* Either.mapLeft(readStateFile(values.seed), (error) => new EmulatorUsage({ detail: error.detail }))
    const options: EmulatorOptions = {
      ...switches,
      host: values.host,
      port: values.port,
      seed,
      data: values.data,
      apiKey: values["api-key"],
      seedSecret: values["seed-secret"],
      foreignKeys: values["foreign-keys"],
      timeScale: values["time-scale"],
      faults: values.fault
    }
    return { _tag: "Serve", json: values.json, options } as const
  })

/** Texts of the command line as values of the switches. */
const switchValues = (given: { readonly [name: string]: unknown }): Either.Either<object, EmulatorUsage> =>
  Either.map(
    Either.all(
      Object.entries(switchHelp).map(([name, { kind }]) =>
        Either.map(switchValue(given[optionName(name)], kind, optionName(name)), (value) => [name, value] as const)
      )
    ),
    (entries) => Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  )

const switchValue = (value: unknown, kind: string, option: string): Either.Either<unknown, EmulatorUsage> => {
  if (typeof value !== "string") return Either.right(value)
  if (kind === "number") return Either.right(value === "" ? Number.NaN : Number(value))
  if (kind !== "flag") return Either.right(value)
  if (value === "on" || value === "off") return Either.right(value === "on")
  return Either.left(new EmulatorUsage({ detail: `--${option} takes on or off.` }))
}

const decoded = <A, I>(schema: Schema.Schema<A, I>, value: unknown): Either.Either<A, EmulatorUsage> =>
  Schema.decodeUnknownEither(schema)(value).pipe(
    Either.mapLeft((error) => {
      const names = ParseResult.ArrayFormatter.formatErrorSync(error).map(
        ({ path }) => `--${optionName(String(path[0]))}`
      )
      return new EmulatorUsage({ detail: `Not a value for ${[...new Set(names)].join(", ")}. See --help.` })
    })
  )

/** The names of the options on a command line, without values. */
const safe = (args: ReadonlyArray<string>): string =>
  args
    .filter((arg) => /^--[a-z][a-z-]*(?:=|$)/.test(arg))
    .map((arg) => arg.split("=")[0])
    .join(" ") || "a word that is no option"
