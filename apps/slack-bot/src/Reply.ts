import type { SweepError } from "@keysweep/revocation/SweepError"
import type { Plan } from "@keysweep/revocation/Plan"
import { oneLine } from "@keysweep/core/SafeText"
import { type Message, message, plain } from "./Blocks.ts"
import type { SetupRefused } from "./Environment.ts"
import type { NotUnderstood } from "./IntentFields.ts"
import type { RequestsUnavailable } from "./Stored.ts"
import type { SlackUnavailable } from "./SlackApi.ts"

/** What a command comes to. */
export type Reply =
  /** Said to whoever asked, and to nobody else; what does not fit into a message comes to them as a file. */
  | { readonly _tag: "Private"; readonly message: Message; readonly file?: TextFile | undefined }
  /** Said to everybody in the channel. */
  | { readonly _tag: "Public"; readonly message: Message }
  /** A plan to be confirmed: it becomes a message of the channel. */
  | { readonly _tag: "Plan"; readonly plan: Plan }

export interface TextFile {
  readonly name: string
  readonly text: string
}

/** Everything that can keep the bot from doing what it was asked. */
export type Failure = SweepError | SetupRefused | NotUnderstood | RequestsUnavailable | SlackUnavailable

export const privately = (text: string): Reply => ({ _tag: "Private", message: said(text) })

/** A sentence as a message; it may hold foreign text. */
export const said = (text: string): Message => message("Keysweep has an answer for you.", [plain(text)])

/** What went wrong, what was changed, and what would help. */
export const failureText = (error: Failure): string => {
  switch (error._tag) {
    case "SlackUnavailable":
      if (error.reason === "expired_trigger_id" || error.reason === "exchanged_trigger_id")
        return "Slack waits three seconds for a form, and this one came too late. Nothing was changed: do it once more."
      return error.reason === "not_in_channel" || error.reason === "channel_not_found"
        ? "I cannot speak here. Invite me to this channel (/invite), then ask again. Nothing was changed."
        : `${error.message}. Nothing was changed.`
    case "SelectionRefused": {
      const meant = error.candidates.map(({ id, name }) => `${oneLine(name, 60)} (${id})`)
      return `${oneLine(error.message, 800)}${meant.length === 0 ? "" : ` Perhaps you mean ${meant.join(", ")}.`} Nothing was changed.`
    }
    case "PlanStale": {
      const drift = error.drift
        .slice(0, 10)
        .map(({ changes, id, name }) => `${oneLine(name, 60)} (${id}): ${changes.join("; ")}`)
      return [oneLine(error.message, 800), ...drift].join("\n")
    }
    case "KeysRefused": {
      const why = error.keys.slice(0, 10).map(({ id, name, reason }) => `${oneLine(name, 60)} (${id}): ${reason}`)
      return [`${error.message} Nothing was changed.`, ...why].join("\n")
    }
    case "GateBlocked":
      return error.blocks
        .map(({ check, detail, lift }) => `${check}: ${detail}${lift === null ? "" : ` (${lift})`}`)
        .join("\n")
    default: {
      const text = oneLine(error.message, 800)
      return /nothing was changed/i.test(text) ? text : `${text}${/[.!?]$/.test(text) ? "" : "."} Nothing was changed.`
    }
  }
}
