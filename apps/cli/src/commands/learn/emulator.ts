import { Effect } from "effect"
import { UsageError } from "../../CliError.ts"
import type { Guest } from "../../Tree.ts"

/** The same program as `keysweep-emulator`, which reads its own words; loaded only here. */
export const emulator: Guest = {
  kind: "guest",
  name: "emulator",
  about: "Serve the Electron Hub API on this machine, to try things out on.",
  run: (typed, path) =>
    Effect.promise(() => import("@keysweep/emulator/Main")).pipe(
      Effect.flatMap(({ emulatorMain }) => emulatorMain(typed, path)),
      Effect.catchTag("EmulatorUsage", ({ detail }) => new UsageError({ detail, next: [`${path} --help`] }))
    )
}
