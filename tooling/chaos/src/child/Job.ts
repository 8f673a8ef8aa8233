import { Action } from "@keysweep/revocation/Action"
import { Schema } from "effect"

/** One moment of the program: before, in or after its so-manieth append, step of the backup store, call or delivery. */
export const KillPoint = Schema.Struct({
  port: Schema.Literal("append", "backup", "call", "sink"),
  /** `inside`, of an append only: its lines are on their way to the disk, its head is not. */
  stage: Schema.Literal("before", "inside", "after"),
  number: Schema.Int
})
export type KillPoint = typeof KillPoint.Type

export const pointText = ({ number, port, stage }: KillPoint): string => `${stage}-${port}-${number}`

/** What a person asks for. `Plan` writes a plan to a file, `Apply` carries it out. */
export const Task = Schema.Union(
  Schema.TaggedStruct("Plan", { action: Action, keys: Schema.Array(Schema.String), file: Schema.String }),
  /** The same, of keys that are disabled and at once due to be deleted. */
  Schema.TaggedStruct("PlanRetirement", { keys: Schema.Array(Schema.String), file: Schema.String }),
  /** What must have happened before that which is tried, and its plan where it needs one. */
  Schema.TaggedStruct("Prepare", {
    for: Schema.Literal("undo", "run-due", "recreate", "rotate"),
    keys: Schema.Array(Schema.String),
    file: Schema.String
  }),
  Schema.TaggedStruct("Apply", { file: Schema.String }),
  /** Carries out the plan, and then what is due. */
  Schema.TaggedStruct("Retire", { file: Schema.String }),
  Schema.TaggedStruct("Panic", { way: Schema.Literal("disable", "delete") }),
  /** Carries out a plan to make keys; `due`: and then what is due. */
  Schema.TaggedStruct("Replace", { file: Schema.String, due: Schema.Boolean }),
  /** Waits until something is due, and does it. */
  Schema.TaggedStruct("RunDue", {}),
  /** Replaces the master key. */
  Schema.TaggedStruct("Regenerate", {})
)
export type Task = typeof Task.Type

/** What one child process is to do. It stands in a file outside of the home, because it holds the master key. */
export const Job = Schema.Struct({
  url: Schema.String,
  apiKey: Schema.Redacted(Schema.String),
  home: Schema.String,
  /** The dotenv file of new values, outside of the home. */
  sink: Schema.String,
  /** Where set: applications spend while both keys work, by this seed. */
  spending: Schema.NullOr(Schema.Int),
  dialect: Schema.Literal("static", "path"),
  task: Task,
  /** Go on with what an earlier process began; do the task itself only if nothing had begun. */
  recover: Schema.Boolean,
  kill: Schema.NullOr(KillPoint)
})
export type Job = typeof Job.Type

export const Steps = Schema.Struct({ append: Schema.Int, backup: Schema.Int, call: Schema.Int, sink: Schema.Int })
export type Steps = typeof Steps.Type

/** The last line of a child that came to its end. */
export const Report = Schema.Struct({
  /** Outcome of a receipt, tag of an error, `planned`, or `nothing to resume`. */
  ended: Schema.String,
  detail: Schema.String,
  /** How a second use of the same plan ended, where one was tried: the tag of its error, or the outcome. */
  again: Schema.NullOr(Schema.String),
  steps: Steps
})
export type Report = typeof Report.Type
