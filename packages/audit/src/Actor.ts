import { Context, Schema } from "effect"

export const Surface = Schema.Literal("cli", "action", "slack", "library")
export type Surface = typeof Surface.Type

/** Who acts: `os:alice`, `slack:U123`, `github:octocat`. Authenticated only where the surface itself checked the person. */
export const Actor = Schema.Struct({ name: Schema.String, authenticated: Schema.Boolean })
export type Actor = typeof Actor.Type

/** The repository of a workflow (`owner/name`), and what it runs on (`refs/heads/main`). */
export const Origin = Schema.Struct({ repository: Schema.String, ref: Schema.String })
export type Origin = typeof Origin.Type

/** Who acts in this program, through which surface. Each app provides it once; every record carries it. */
export class Operator extends Context.Tag("@keysweep/audit/Operator")<
  Operator,
  {
    readonly actor: Actor
    readonly surface: Surface
    /** Where a workflow acts; plans say where they were made. */
    readonly origin?: Origin
  }
>() {}
