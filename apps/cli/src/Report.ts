import { oneLine } from "@keysweep/core/SafeText"
import { exitCodeOf, type Outcome } from "@keysweep/revocation/Outcome"
import type { BackupDamaged } from "@keysweep/audit/BackupError"
import type { EmulatorFailed } from "@keysweep/emulator/EmulatorFailed"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import type { ScanFailed } from "@keysweep/revocation/scan/Scan"
import type { Ended, UsageError } from "./CliError.ts"
import { duration, listed } from "./render/Words.ts"
import { shellWord } from "./SecretGuard.ts"

/** Everything that can end a command. */
export type Failure = SweepError | BackupDamaged | EmulatorFailed | ScanFailed | UsageError | Ended

/** What is said of a failure, to people and in `keysweep.error/1` alike. */
export interface ErrorReport {
  readonly outcome: Outcome
  readonly exit: number
  /** One line. */
  readonly message: string
  /** More lines on the same: what differs, which keys may have been meant. */
  readonly details: ReadonlyArray<string>
  /** Where in what was typed it is wrong: a line of it, and a line with a caret under the place. */
  readonly excerpt: string | null
  /** What was changed before it stopped, one entry a change; empty: nothing. */
  readonly changed: ReadonlyArray<string>
  readonly next: ReadonlyArray<string>
}

interface Words {
  /** Instead of the error's own, where details say the rest of it. */
  readonly message?: string
  readonly next: ReadonlyArray<string>
  readonly details?: ReadonlyArray<string>
  readonly excerpt?: string | undefined
  readonly changed?: ReadonlyArray<string>
}

/** `typed`: the command line, for advice that can be typed as it stands. */
export const errorReport = (error: Failure, typed: ReadonlyArray<string>): ErrorReport => {
  const { next, message = error.message, details = [], excerpt = null, changed = [] } = wordsOf(error, typed)
  const line = (text: string) => oneLine(text, 600)
  return {
    ...ended(outcomeOf(error)),
    message: line(message),
    details: details.map(line),
    excerpt,
    changed: changed.map(line),
    next
  }
}

const outcomeOf = (error: Failure): Outcome => {
  switch (error._tag) {
    case "UsageError":
      return "refused"
    case "BackupDamaged":
      return "records"
    case "EmulatorFailed":
    case "ScanFailed":
      return "failed"
    case "Ended":
      return error.outcome
    default:
      return outcomeOfError(error)
  }
}

const readsOnly = "keysweep list   (it only reads)"
const newPlan = "keysweep plan --help   (make a new plan and read it)"

const wordsOf = (error: Failure, typed: ReadonlyArray<string>): Words => {
  switch (error._tag) {
    case "UsageError":
      return { next: error.next }
    case "Ended":
      return { next: [] }
    case "SettingsRefused":
      return {
        message: `${error.file} cannot be used.`,
        details: error.problems,
        next: [
          "Mend the settings file: a rule that cannot be read is a rule that does not hold.",
          `keysweep config check ${shellWord(error.file)}`
        ]
      }
    case "BackupDamaged":
      return {
        next: [
          "Fetch the backup from a copy of the home folder, or take a new one with the next run.",
          "keysweep backup list"
        ]
      }
    case "EmulatorFailed":
      return { next: ["keysweep emulator --help"] }
    case "ScanFailed":
      return { next: ["keysweep scan --help"] }
    case "AccountRefused":
      return {
        next: [
          "Mend the variable: ELECTRONHUB_API_KEY (the account's master key), ELECTRONHUB_BASE_URL (https, or http on this machine), KEYSWEEP_TIME_SCALE (for an emulator only).",
          "With --account, mend the account in the settings: keysweep config check"
        ]
      }
    case "Unauthorized":
      return { next: ["Check ELECTRONHUB_API_KEY: it may be mistyped, revoked or of another account.", readsOnly] }
    case "Forbidden":
      return { next: ["The master key is known, but may not do this: check whose it is.", readsOnly] }
    case "RateLimited":
      return { next: [`Wait ${duration(error.cooldownMillis)}, then type the same command again.`] }
    case "DeadlineReached":
      return { next: [`Type the same command again in ${duration(error.waitMillis)}.`] }
    case "ApiUnavailable":
      return { next: ["Try again in a minute, and check ELECTRONHUB_BASE_URL.", readsOnly] }
    case "RouteMissing":
    case "UnexpectedResponse":
      return { next: ["Check ELECTRONHUB_BASE_URL: on the live service it ends in /v1.", readsOnly] }
    case "KeyNotFound":
    case "InvalidRequest":
      return { next: [readsOnly] }
    case "PacerStoreUnavailable":
      return {
        next: [
          ...(typed[0] === "panic" ? [`KEYSWEEP_HOME=$(mktemp -d) keysweep ${typed.map(shellWord).join(" ")}`] : []),
          "Check that the folder of KEYSWEEP_HOME can be written and has room, then type the same command again.",
          "keysweep log verify"
        ]
      }
    case "LogUnavailable":
    case "BackupUnavailable":
      return {
        next: [
          "Check that the folder of KEYSWEEP_HOME can be written and has room, then type the same command again.",
          "keysweep log verify"
        ]
      }
    case "DatabaseUnavailable":
      return {
        next: [
          "Check KEYSWEEP_DATABASE_URL, or store in the settings; in the home folder of a bot with a database of its own, start the bot.",
          "Then type the same command again."
        ]
      }
    case "JournalUnavailable":
      return {
        next: ["Check that the folder of KEYSWEEP_HOME can be written and has room.", "keysweep log verify"],
        changed: error.sent ? ["One request was sent whose outcome could not be recorded."] : []
      }
    case "LeaseHeld":
      return { next: ["Wait until that run has ended, then type the same command again.", "keysweep log show"] }
    case "RunStopped":
      return { next: ["keysweep log show"] }
    case "ResumeRefused":
      return {
        next:
          error.candidates.length === 0
            ? ["keysweep log show   (which runs there were)"]
            : error.candidates.map((run) => `keysweep resume ${run}`)
      }
    case "ReplaceRefused":
      return { next: [`keysweep ${typed[0] === "recreate" ? "recreate" : "rotate"} --help`] }
    case "PlanUnreadable":
      return { next: [newPlan] }
    case "UndoRefused":
      return {
        next: ["keysweep log show   (which runs there were, and what each did)"],
        details: error.deleted.length === 0 ? [] : [`Deleted for good: ${error.deleted.join(", ")}.`]
      }
    case "ApprovalRefused":
      return {
        next: [
          "Another person, whom the settings name, approves the plan where it is known who they are: /keysweep approve in Slack, or the review of a GitHub environment."
        ]
      }
    case "SelectionRefused":
      return {
        next: [
          error.place === null
            ? "keysweep list   (shows every key with its id)"
            : "keysweep help selection   (what an expression may say)"
        ],
        excerpt: error.place?.excerpt,
        details:
          error.candidates.length === 0
            ? []
            : [
                `${error.candidates.length > 3 ? "Among the account's keys are" : "Perhaps you mean"} ${listed(error.candidates.map(({ id, name }) => `${name} (${id})`))}.`
              ]
      }
    case "InventoryPartial":
      return { next: [readsOnly] }
    case "KeysRefused":
      return {
        details: error.keys.map(({ id, name, reason }) => `${name} (${id}): ${reason}`),
        next: ["keysweep show KEY   (what its settings are)"]
      }
    case "PlanStale":
      return {
        next: [newPlan],
        details: error.drift.map(({ id, name, changes }) => `${name} (${id}): ${changes.join("; ")}`)
      }
    case "ConfirmationRefused":
      return { next: error.reason === "no terminal" ? withoutTerminal(typed) : ["The same command asks again."] }
    case "ReasonMissing":
      return { next: [withReasonGiven(typed)] }
    case "GateBlocked":
      return {
        message: error.blocks.length === 1 ? "A check blocks this." : `${error.blocks.length} checks block this.`,
        next: error.blocks.flatMap(({ lift }) => (lift === null ? [] : [lift])),
        details: error.blocks.map(({ check, detail }) => `${check}: ${detail}`)
      }
  }
}

/** What does without a terminal what the command does with one, if anything does. */
const withoutTerminal = (typed: ReadonlyArray<string>): ReadonlyArray<string> => {
  const words = typed.filter((word) => !["--json", "--quiet", "-q"].includes(word)).map(shellWord)
  switch (words[0]) {
    case "apply":
      return [`keysweep plan show ${words.slice(1).join(" ")}`, `keysweep ${words.join(" ")} --confirm HASH`]
    case "delete":
    case "delete-all":
    case "recreate":
    case "rotate":
    case "disable":
    case "enable":
    case "contain":
      return [`keysweep plan ${words.join(" ")}`, "keysweep apply FILE --confirm HASH"]
    default:
      return ["Type the same command at a terminal."]
  }
}

/** The command as it was typed, with a reason. */
const withReasonGiven = (typed: ReadonlyArray<string>): string => {
  const words = typed.filter((word, at) => !/^--reason(=\s*)?$/.test(word) && typed[at - 1] !== "--reason")
  return `keysweep ${words.map(shellWord).join(" ")} --reason "…"`
}

const ended = (outcome: Outcome, message = "", next: ReadonlyArray<string> = []): ErrorReport => ({
  outcome,
  exit: exitCodeOf(outcome),
  message,
  details: [],
  excerpt: null,
  changed: [],
  next
})

/** `changed`: what was done until then. */
export const interrupted = (changed: ReadonlyArray<string>): ErrorReport => ({
  ...ended(
    "interrupted",
    "Interrupted.",
    changed.length === 0 ? ["The same command begins again."] : ["keysweep resume", "keysweep log show"]
  ),
  changed
})

/** The result is lost, not what was done. */
export const unwritable = (code: string, changed: ReadonlyArray<string>): ErrorReport => ({
  ...ended("failed", `Standard output could not be written (${code}).`, ["keysweep log show"]),
  changed
})

/** A fault of this program. Nothing of it is shown but that it happened: a stack may hold anything. */
export const fault = (changed: ReadonlyArray<string>): ErrorReport => ({
  ...ended("failed", "A fault in keysweep itself.", ["keysweep log show"]),
  changed
})
