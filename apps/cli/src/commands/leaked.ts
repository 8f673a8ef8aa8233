import { Options } from "@effect/cli"
import { oneLine } from "@keysweep/core/SafeText"
import type { Leak } from "@keysweep/revocation/leak/Leak"
import { parseLeakReport } from "@keysweep/revocation/leak/LeakReport"
import type { Selector } from "@keysweep/revocation/Selection"
import { Effect, Either, Option } from "effect"
import { readFile } from "node:fs/promises"
import { UsageError } from "../CliError.ts"
import { errorCode } from "../ErrorCode.ts"
import type { Output } from "../Output.ts"
import { proxyKeyInput, standardInput } from "../SecretInput.ts"
import { selectorOf, type Typed } from "./selectors.ts"

/** Which keys, by their values. Each stands alone. */
export const leakOptions = {
  leaked: Options.boolean("leaked").pipe(
    Options.withDescription("The key whose value is typed at a prompt that shows nothing, or comes on standard input.")
  ),
  leakedFrom: Options.text("leaked-from").pipe(
    Options.withPseudoName("FILE"),
    Options.withDescription(
      "The keys in a report of leaked secrets: JSON of TruffleHog, ggshield or GitHub's secret scanning alerts. - is standard input."
    ),
    Options.optional
  )
}

type Asked = { readonly leaks: ReadonlyArray<Leak>; readonly selector: Selector } | { readonly selector: Selector }

/** Which keys were asked for: by a selector, or by values, of which nothing but hashes leaves this function. */
export const askedOf = (
  command: string,
  typed: Typed & { readonly leaked: boolean; readonly leakedFrom: Option.Option<string> }
): Effect.Effect<Asked, UsageError, Output> =>
  Effect.gen(function* () {
    const selector = yield* selectorOf(typed)
    const { leaked, leakedFrom } = typed
    if (leaked && Option.isSome(leakedFrom)) {
      return yield* new UsageError({
        detail: "--leaked and --leaked-from contradict each other: say one of the two.",
        next: [`keysweep ${command} --help`]
      })
    }
    if (leaked) {
      const { id } = yield* proxyKeyInput(`keysweep ${command} --leaked`)
      return { selector, leaks: [{ keys: [id], masters: [], source: "typed", detector: null, place: null }] }
    }
    return Option.isSome(leakedFrom)
      ? { selector, leaks: yield* reported(leakedFrom.value, `keysweep ${command}`) }
      : { selector }
  })

/** More than any scanner says of one repository. */
const largestReport = 64 * 1024 * 1024

const reported = (file: string, command: string): Effect.Effect<ReadonlyArray<Leak>, UsageError> =>
  Effect.gen(function* () {
    const name = file === "-" ? "Standard input" : oneLine(file, 200)
    const refused = (problem: string) => new UsageError({ detail: `${name}: ${problem}.`, next: [`${command} --help`] })
    const text = yield* file === "-"
      ? standardInput(largestReport)
      : Effect.tryPromise({
          try: () => readFile(file, "utf8"),
          catch: (cause) => refused(`it cannot be read (${errorCode(cause)})`)
        })
    if (text.length > largestReport) return yield* refused("it is longer than 64 MiB")
    const { leaks } = yield* Either.mapLeft(parseLeakReport(text), refused)
    return leaks
  })
