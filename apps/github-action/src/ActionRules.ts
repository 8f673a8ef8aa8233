import type { Mistake } from "./ActionError.ts"
import type { actions, RawInputs } from "./Inputs.ts"

type Action = (typeof actions)[number]
/** Every input as the text that was given. */
export type Raw = { readonly [name: string]: string }

/** `false` is what a workflow gives for a flag that is not set. */
export const given = (raw: Raw, name: string): boolean => (raw[name] ?? "") !== "" && raw[name] !== "false"

/** Which actions of a plan an input is for; all, where it is not here. */
const takenBy: { readonly [name in keyof RawInputs]?: ReadonlyArray<Action> } = {
  "delete-after": ["disable", "rotate"],
  addresses: ["contain"],
  models: ["contain"],
  expires: ["contain"],
  budget: ["contain"],
  "limit-type": ["contain", "rotate", "recreate"],
  sinks: ["rotate", "recreate"],
  credit: ["rotate", "recreate"],
  wait: ["rotate"],
  run: ["undo"]
}

/** Inputs that say which keys. */
export const selectors = ["keys", "names", "where", "expired", "disabled", "all"] as const

/** What the action of a plan takes, and what it needs. */
export const actionRules = (raw: Raw): ReadonlyArray<Mistake> => {
  const action = raw["action"] ?? ""
  if (raw["command"] !== "plan" || action === "") return []
  const need = (input: string, by: ReadonlyArray<string>, what: string) =>
    by.includes(action) && !given(raw, input) ? [{ input, detail: `is required to ${action}: ${what}` }] : []
  const whole = wholes[action]
  return [
    ...Object.entries(takenBy).flatMap(([input, its]) =>
      given(raw, input) && !its.some((it) => it === action)
        ? [{ input, detail: `is for ${its.join(" and ")} only` }]
        : []
    ),
    ...selectors.flatMap((input) =>
      whole !== undefined && given(raw, input) ? [{ input, detail: `contradicts ${action}, which is ${whole}` }] : []
    ),
    ...need("sinks", ["rotate", "recreate"], "a new value must go somewhere, one place a line"),
    ...need("run", ["undo"], "the id of the run that is taken back (run_…)")
  ]
}

/** Actions that say which keys themselves. */
const wholes: { readonly [action: string]: string } = {
  "delete-all": "every key of the account",
  undo: "about the keys of its run"
}
