import { type AccountOptions, AccountRefused, makeAccount } from "@keysweep/core/Account"
import { Config, Effect, Either, Predicate, Redacted } from "effect"
import { execFile } from "node:child_process"
import { dirname } from "node:path"
import type { Settings } from "./Settings.ts"
import type { NamedAccount } from "./SettingsContent.ts"
import { nearest } from "./Suggest.ts"

/** Long enough for somebody to unlock their password manager. */
const commandLimit = "60 seconds"

/** Bytes: far more than a master key and the notes that a password manager keeps beside it. */
const mostOutput = 65_536

/**
 * The account that the settings call so; without a label, the only one they name. Its master key comes out of the
 * environment or of a command, and is checked like every other: `AccountRefused` also for a proxy key. Sends nothing.
 * Safe to repeat, but a command may ask somebody each time.
 */
export const accountNamed = (
  settings: typeof Settings.Service,
  label: string | null
): Effect.Effect<AccountOptions, AccountRefused> =>
  Effect.gen(function* () {
    const named = yield* entryOf(settings.accounts, label)
    const refused = (detail: string) => new AccountRefused({ detail: `The account ${named.label}: ${detail}` })
    // What is relative in the arguments of a command is so to the file that names it.
    const folder = settings.source === null ? undefined : dirname(settings.source.file)
    const masterKey = yield* Effect.mapError(keyOf(named, folder), refused)
    const options = { masterKey, baseUrl: named.baseUrl }
    yield* Either.mapLeft(makeAccount(options), ({ detail }) => refused(detail))
    return options
  })

const entryOf = (
  accounts: ReadonlyArray<NamedAccount>,
  label: string | null
): Either.Either<NamedAccount, AccountRefused> => {
  const [only, ...others] = label === null ? accounts : accounts.filter((it) => it.label === label)
  if (only !== undefined && others.length === 0) return Either.right(only)
  const labels = accounts.map((it) => it.label)
  const meant = label === null ? undefined : nearest(label, labels)
  const there = labels.length === 0 ? "they name no account" : `there are ${labels.join(", ")}`
  const detail =
    label === null
      ? `No account is chosen, and the settings name not exactly one: ${there}.`
      : labels.length === 0
        ? "The settings name no accounts."
        : `The settings name no account of this label: ${meant === undefined ? there : `did you mean ${meant}?`}`
  return Either.left(new AccountRefused({ detail }))
}

const keyOf = (
  { keyCommand, keyFrom }: NamedAccount,
  folder: string | undefined
): Effect.Effect<Redacted.Redacted, string> => {
  if (keyCommand !== undefined) return commanded(keyCommand, folder)
  const name = keyFrom ?? ""
  return Config.redacted(name).pipe(
    Effect.filterOrFail((key) => Redacted.value(key) !== ""),
    Effect.mapError(() => `the variable ${name} is not set.`)
  )
}

/** The first line that a program prints. What it says of its troubles is not shown: it may hold a secret. */
const commanded = (
  [program, ...words]: readonly [string, ...ReadonlyArray<string>],
  folder: string | undefined
): Effect.Effect<Redacted.Redacted, string> =>
  Effect.async<string, string>((resume) => {
    const child = execFile(
      program,
      words,
      { cwd: folder, maxBuffer: mostOutput, windowsHide: true },
      (failure, printed) => resume(failure === null ? Effect.succeed(printed) : Effect.fail(troubleOf(failure)))
    )
    child.stdin?.end()
    return Effect.sync(() => {
      child.kill("SIGKILL")
      // A child of the child may hold it open for as long as it likes.
      child.stdout?.destroy()
      child.stderr?.destroy()
    })
  }).pipe(
    Effect.timeoutFail({ duration: commandLimit, onTimeout: () => `gave no key within ${commandLimit}` }),
    Effect.map((printed) => Redacted.make(printed.split("\n")[0]?.trim() ?? "")),
    Effect.filterOrFail(
      (key) => Redacted.value(key) !== "",
      () => "printed nothing"
    ),
    Effect.mapError((trouble) => `its command (${program}) ${trouble}. Run it yourself to see why.`)
  )

const troubleOf = (failure: unknown): string => {
  const code = Predicate.hasProperty(failure, "code") ? failure.code : null
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "printed more than a key"
  if (typeof code === "number") return `ended with exit code ${code}`
  return typeof code === "string" ? `does not start (${code})` : "was stopped by a signal"
}
