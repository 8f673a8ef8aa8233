import { optionName, plainOptions } from "@keysweep/emulator/CommandLine"
import { emulatorMain } from "@keysweep/emulator/Main"
import { switchHelp } from "@keysweep/emulator/SwitchHelp"
import { Effect } from "effect"
import { UsageError } from "../../CliError.ts"
import type { CommandSpec } from "../../Spec.ts"
import type { Verb } from "../../Verb.ts"

/** The same program as `keysweep-emulator`, which reads its own words. */
const run = (typed: ReadonlyArray<string>, path: string) =>
  emulatorMain(typed, path).pipe(
    Effect.catchTag("EmulatorUsage", ({ detail }) => new UsageError({ detail, next: [`${path} --help`] }))
  )

const spec = (): CommandSpec => ({
  arguments: [],
  options: [
    ...Object.entries(plainOptions).map(([name, { help, takes }]) => ({ name, takes, about: help })),
    ...Object.entries(switchHelp).map(([name, { question, takes }]) => ({
      name: optionName(name),
      takes,
      about: question
    }))
  ].flatMap(({ about, name, takes }) =>
    name === "help"
      ? []
      : [{ names: [`--${name}`], value: takes === "" ? undefined : takes, repeats: name === "fault", about }]
  )
})

export const emulator: Verb = { run, spec, help: (path) => run(["--help"], path) }
