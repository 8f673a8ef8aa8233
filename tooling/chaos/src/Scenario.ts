import type { Action } from "@keysweep/revocation/Action"
import type { KillPoint } from "./child/Job.ts"

/** One thing to do that must survive being killed. */
export interface Scenario {
  readonly name: string
  readonly what:
    | { readonly _tag: "Apply"; readonly action: Action; readonly keys: ReadonlyArray<string> }
    /** Disabled, and deleted as soon as they have soaked, which is at once. */
    | { readonly _tag: "Retire"; readonly keys: ReadonlyArray<string> }
    | { readonly _tag: "Panic"; readonly way: "disable" | "delete" }
    /** Something else has happened before, which is not tried. */
    | {
        readonly _tag: "After"
        readonly for: "undo" | "run-due" | "recreate" | "rotate"
        readonly keys: ReadonlyArray<string>
      }
    | { readonly _tag: "Regenerate" }
  /** Killed here first; what is tried then is the resume. */
  readonly broken: KillPoint | null
}

const apply = (action: Action, keys: ReadonlyArray<string>): Scenario["what"] => ({ _tag: "Apply", action, keys })

const disable = apply("disable", ["api", "worker", "batch"])
const enable = apply("enable", ["old api", "old worker", "old batch"])
const remove = apply("delete", ["api", "old api", "batch"])
const contain = apply("contain", ["api", "worker", "batch"])
const removeAll = apply("delete-all", [])

/** The reply to the first write is in, and nothing is recorded of it. */
const afterFirstWrite: KillPoint = { port: "call", stage: "after", number: 2 }
/** Both slots are in hand, the second look is done, and the one request that deletes everything has not left. */
const beforeBulk: KillPoint = { port: "call", stage: "before", number: 3 }

/** Everything that writes, both ways of a panic, and the resume of each kind of run. */
export const scenarios: ReadonlyArray<Scenario> = [
  { name: "disable", what: disable, broken: null },
  { name: "enable", what: enable, broken: null },
  { name: "contain", what: contain, broken: null },
  { name: "delete", what: remove, broken: null },
  { name: "delete-all", what: removeAll, broken: null },
  { name: "panic-disable", what: { _tag: "Panic", way: "disable" }, broken: null },
  { name: "panic-delete", what: { _tag: "Panic", way: "delete" }, broken: null },
  { name: "retire", what: { _tag: "Retire", keys: ["api", "old api"] }, broken: null },
  { name: "undo-contain", what: { _tag: "After", for: "undo", keys: ["api", "old api"] }, broken: null },
  { name: "run-due", what: { _tag: "After", for: "run-due", keys: ["api", "worker"] }, broken: null },
  { name: "recreate", what: { _tag: "After", for: "recreate", keys: ["api", "old api", "batch"] }, broken: null },
  { name: "rotate", what: { _tag: "After", for: "rotate", keys: ["api", "worker"] }, broken: null },
  { name: "regenerate", what: { _tag: "Regenerate" }, broken: null },
  { name: "resume-disable", what: disable, broken: afterFirstWrite },
  { name: "resume-contain", what: contain, broken: afterFirstWrite },
  { name: "resume-delete", what: remove, broken: afterFirstWrite },
  { name: "resume-delete-all", what: removeAll, broken: beforeBulk }
]
