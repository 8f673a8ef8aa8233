import { Console, Effect, Redacted } from "effect"
import { parseCommandLine } from "./CommandLine.ts"
import { Emulator } from "./Emulator.ts"
import type { EmulatorFailed, EmulatorUsage } from "./EmulatorFailed.ts"
import { helpText } from "./HelpText.ts"

/**
 * The command: prints the help, or starts the emulator, says where it is, and serves until it is interrupted.
 *
 * `command` is how people call it. `EmulatorUsage` is for exit code 2, `EmulatorFailed` for 1; interruption is the
 * ordinary end.
 */
export const emulatorMain = (
  args: ReadonlyArray<string>,
  command = "keysweep-emulator"
): Effect.Effect<void, EmulatorFailed | EmulatorUsage> =>
  Effect.gen(function* () {
    const asked = yield* parseCommandLine(args)
    if (asked._tag === "Help") return yield* Console.log(helpText(command))
    const emulator = yield* Emulator.start(asked.options)
    const apiKey = Redacted.value(emulator.apiKey)
    const { url, control } = emulator
    yield* Console.log(asked.json ? JSON.stringify({ url, apiKey, control }) : greeting(url, apiKey, control))
    return yield* Effect.never
  }).pipe(Effect.scoped)

const greeting = (url: string, apiKey: string, control: string): string =>
  `Electron Hub emulator on ${url} (loopback only; Ctrl-C ends it)

  export ELECTRONHUB_BASE_URL=${url}
  export ELECTRONHUB_API_KEY=${apiKey}

Try:
  curl -s $ELECTRONHUB_BASE_URL/auth/proxy -H "Authorization: Bearer $ELECTRONHUB_API_KEY"
  curl -si -X POST $ELECTRONHUB_BASE_URL/auth/proxy/create -H "Authorization: Bearer $ELECTRONHUB_API_KEY" \\
    -H "Content-Type: application/json" -d '{"name":"mine","expires_at":-1,"allocated_ammount":1}'
See what is there, and what was asked:
  curl -s ${control}/state
  curl -s ${control}/requests`
