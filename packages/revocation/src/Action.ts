import { Schema } from "effect"

export const Action = Schema.Literal("disable", "enable", "delete", "delete-all")
export type Action = typeof Action.Type

/** Whether the action can never be taken back. */
export const isFinal = (action: Action): boolean => action === "delete" || action === "delete-all"

export const pastOf = (action: Action): string => {
  switch (action) {
    case "disable":
      return "disabled"
    case "enable":
      return "enabled"
    case "delete":
    case "delete-all":
      return "deleted"
  }
}
