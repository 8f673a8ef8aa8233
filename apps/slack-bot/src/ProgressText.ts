import { doingOf } from "@keysweep/revocation/Action"
import type { ProgressEvent } from "@keysweep/revocation/Progress"
import { duration } from "./Words.ts"

/** What is known of a run while it goes on. */
export interface Seen {
  readonly doing: string
  readonly phase: string
  readonly left: string
}

export const nothingSeen: Seen = { doing: "Working", phase: "Starting", left: "" }

export const seen = (before: Seen, event: ProgressEvent): Seen => {
  switch (event._tag) {
    case "Phase":
      return { ...before, phase: phaseText(event.phase, before.doing), left: "" }
    case "Started":
      return { ...before, doing: doingOf(event.action), left: leftText(event.estimateMillis) }
    case "Step":
      return before
    case "Key":
      return { ...before, phase: `${before.doing}: ${event.count} of ${event.total}`, left: leftText(event.leftMillis) }
    case "Waiting":
      return {
        ...before,
        left:
          event.reason === "cooldown"
            ? `the account is locked by its rate limit for another ${duration(event.millis)}`
            : event.reason === "overlap"
              ? `old and new keys both work for another ${duration(event.millis)}`
              : `waiting ${duration(event.millis)} for the rate limit`
      }
  }
}

export const progressText = ({ left, phase }: Seen): string => (left === "" ? `${phase} …` : `${phase} · ${left}`)

const leftText = (millis: number): string => (millis > 0 ? `about ${duration(millis)} left` : "")

const phaseText = (phase: Extract<ProgressEvent, { _tag: "Phase" }>["phase"], doing: string): string => {
  switch (phase) {
    case "reading":
      return "Reading the account's keys"
    case "backing up":
      return "Backing up the settings"
    case "acting":
      return doing
    case "proving":
      return "Reading again, to prove the result"
  }
}
