import { Schema } from "effect"
import type { ReplaceAction } from "./replace/Values.ts"

/** `release` gives back what a `contain` took: only undo makes such plans. */
export const Action = Schema.Literal("disable", "enable", "contain", "release", "delete", "delete-all")
export type Action = typeof Action.Type

/** Whether the action can never be taken back. */
export const isFinal = (action: Action): boolean => action === "delete" || action === "delete-all"

/** Whether the action replaces settings of keys: each planned key then says what they become. */
export const isUpdate = (action: Action): boolean => action === "contain" || action === "release"

export const pastOf = (action: Action | ReplaceAction): string => {
  switch (action) {
    case "disable":
      return "disabled"
    case "enable":
      return "enabled"
    case "contain":
      return "contained"
    case "release":
      return "released"
    case "delete":
    case "delete-all":
      return "deleted"
    case "rotate":
      return "rotated"
    case "recreate":
      return "recreated"
  }
}

/** What a run that goes on is doing. */
export const doingOf = (action: Action | ReplaceAction): string => {
  switch (action) {
    case "disable":
      return "Disabling"
    case "enable":
      return "Enabling"
    case "contain":
      return "Containing"
    case "release":
      return "Releasing"
    case "delete":
    case "delete-all":
      return "Deleting"
    case "rotate":
      return "Rotating"
    case "recreate":
      return "Recreating"
  }
}
