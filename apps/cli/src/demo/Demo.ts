import { Command, type CommandExecutor } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Emulator } from "@keysweep/emulator/Emulator"
import { decodePlan, type Plan } from "@keysweep/revocation/Plan"
import { Effect, Redacted, type Scope, Stream } from "effect"
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { UsageError } from "../CliError.ts"
import { Output } from "../Output.ts"
import type { Style } from "../render/Style.ts"
import { shellWord } from "../SecretGuard.ts"
import { type Check, checksOf, type Evidence } from "./DemoChecks.ts"

/** A minute of the upstream takes a second, and six requests a minute are allowed: enough to see how waiting looks. */
const timeScale = 60
const requestsPerMinute = 6

const retired = ["hackathon-*", "old-mobile-app", "mara*"]
const reason = "the contract has ended, the app is switched off"

export interface DemoResult {
  /** Exit code of the command that acts. */
  readonly applied: number
  readonly checks: ReadonlyArray<Check>
}

/**
 * A careful operator at work, on an emulator in this process: every command is the real program in a process of its
 * own, and at the end everything that was shown is read again from the emulator and from the files.
 */
export const demo = (options: { readonly json: boolean }): Effect.Effect<DemoResult, UsageError, Output> =>
  Effect.gen(function* () {
    const { out, err } = yield* Output
    const sink = options.json ? err : out
    const tell = (...lines: ReadonlyArray<string>) => sink.write(`${lines.join("\n")}\n`)
    const stage = yield* setStage
    const shell = shellOf(stage, { ...options, tell, style: sink.style })
    const asks = process.stdin.isTTY === true && err.isTerminal
    const before = yield* stage.emulator.state

    yield* tell(
      sink.style.bold("Keysweep on an account with keys to retire"),
      "The account lives in an emulator of the Electron Hub API inside this program, on a clock that runs 60 times as fast.",
      "Every command below is the real program with its real output; only the upstream is not real."
    )
    yield* tell("", sink.style.bold("1. Look. This only reads."))
    yield* shell("list")
    yield* tell(
      "",
      sink.style.bold(
        "2. Plan. Nothing is changed: the plan is a file that says exactly which keys, and what they are now."
      )
    )
    yield* shell(
      "plan",
      "delete",
      ...retired.flatMap((glob) => ["--name", glob]),
      "--reason",
      reason,
      "--out",
      "plan.json"
    )
    const plan = yield* readPlan(stage)

    yield* tell(
      "",
      sink.style.bold(
        "3. Apply. Backup first, then one key at a time, as fast as the rate limit allows, then the proof."
      ),
      asks
        ? "   You are asked as on a real account: only the exact words go on. (Anything else, three times, ends it; nothing happens then.)"
        : "   There is no terminal to ask at, so the plan is confirmed by its hash, as in a script."
    )
    const applied = yield* shell("apply", "plan.json", ...(asks ? [] : ["--confirm", plan.hash]))
    if (applied === 0) {
      yield* tell("", sink.style.bold("4. What is left."))
      yield* shell("list")
      yield* tell("", sink.style.bold("5. The records: what was there, and what was done."))
      yield* shell("backup", "list")
    }
    if (applied === 0) {
      yield* shell("backup", "verify")
      yield* shell("log", "verify")
    }
    const evidence: Evidence = {
      plan,
      before,
      after: yield* stage.emulator.state,
      requests: yield* stage.emulator.requests,
      records:
        applied === 0
          ? {
              backups: yield* told(stage, "backup", "verify", "--json"),
              verification: yield* told(stage, "log", "verify", "--json"),
              log: yield* told(stage, "log", "show", "--json")
            }
          : null,
      folder: stage.folder
    }
    const checks = yield* checksOf(evidence)
    yield* tell(
      "",
      sink.style.bold("Read again, from the emulator and from the files:"),
      ...checks.map(({ holds, text }) => `  ${holds ? sink.style.green("✓") : sink.style.red("✗")} ${text}`)
    )
    return { applied, checks }
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

interface Stage {
  readonly emulator: typeof Emulator.Service
  readonly folder: string
}

/** Emulator and folder; both are gone afterwards. */
const setStage: Effect.Effect<Stage, UsageError, Scope.Scope> = Effect.gen(function* () {
  const cannot = (detail: string) => () => new UsageError({ detail, next: ["keysweep demo"] })
  const emulator = yield* Emulator.start({ seed: "demo", rpm: requestsPerMinute, timeScale }).pipe(
    Effect.mapError(cannot("The emulator cannot start on this machine."))
  )
  const folder = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => mkdtemp(join(tmpdir(), "keysweep-demo-")),
      catch: cannot("No temporary folder can be made.")
    }),
    (folder) => Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true })))
  )
  yield* Effect.tryPromise({
    try: () => mkdir(join(folder, "home"), { mode: 0o700 }),
    catch: cannot("No temporary folder can be made.")
  })
  return { emulator, folder }
})

type Shell = (
  ...words: ReadonlyArray<string>
) => Effect.Effect<number, UsageError, CommandExecutor.CommandExecutor | Output>

/** Shows a command as typed, runs it as a process of its own, and gives its exit code. */
const shellOf =
  (
    stage: Stage,
    talk: { readonly json: boolean; readonly tell: (line: string) => Effect.Effect<void>; readonly style: Style }
  ): Shell =>
  (...words) =>
    Effect.gen(function* () {
      yield* talk.tell(`${talk.style.dim("$")} ${talk.style.cyan(["keysweep", ...words.map(shellWord)].join(" "))}`)
      const child = yield* keysweep(stage, words).pipe(
        Command.stdin("inherit"),
        Command.stdout(talk.json ? "pipe" : "inherit"),
        Command.stderr("inherit"),
        Command.start
      )
      const { err } = yield* Output
      if (talk.json) yield* Stream.runForEach(Stream.decodeText(child.stdout), (text) => err.write(text))
      return yield* child.exitCode
    }).pipe(
      Effect.scoped,
      Effect.mapError(() => cannotStart)
    )

/** What a command prints, for the checks: not shown. */
const told = (
  stage: Stage,
  ...words: ReadonlyArray<string>
): Effect.Effect<string, UsageError, CommandExecutor.CommandExecutor> =>
  Effect.mapError(Command.string(keysweep(stage, words)), () => cannotStart)

const keysweep = ({ emulator, folder }: Stage, words: ReadonlyArray<string>): Command.Command =>
  Command.make(process.execPath, process.argv[1] ?? "", ...words).pipe(
    Command.env({
      ELECTRONHUB_API_KEY: Redacted.value(emulator.apiKey),
      ELECTRONHUB_BASE_URL: emulator.url,
      KEYSWEEP_CONFIG: "",
      KEYSWEEP_HOME: join(folder, "home"),
      KEYSWEEP_TIME_SCALE: String(timeScale)
    }),
    Command.workingDirectory(folder)
  )

const cannotStart = new UsageError({ detail: "The program cannot start itself.", next: ["keysweep demo"] })

const readPlan = ({ folder }: Stage): Effect.Effect<Plan, UsageError> =>
  Effect.tryPromise(() => readFile(join(folder, "plan.json"), "utf8")).pipe(
    Effect.flatMap((text) => decodePlan(text)),
    Effect.mapError(() => new UsageError({ detail: "The demo's plan could not be read.", next: ["keysweep demo"] }))
  )
