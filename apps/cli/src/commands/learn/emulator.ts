import { emulatorMain } from "@keysweep/emulator/Main"
import { Effect } from "effect"
import { UsageError } from "../../CliError.ts"
import type { Verb } from "../../Verb.ts"

/** The same program as `keysweep-emulator`, which reads its own words. */
const run = (typed: ReadonlyArray<string>, path: string) =>
  emulatorMain(typed, path).pipe(
    Effect.catchTag("EmulatorUsage", ({ detail }) => new UsageError({ detail, next: [`${path} --help`] }))
  )

export const emulator: Verb = { run, help: (path) => run(["--help"], path) }
