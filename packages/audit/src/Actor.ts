import { Context, Schema } from "effect"

export const Surface = Schema.Literal("cli", "action", "slack", "library")
export type Surface = typeof Surface.Type

/** Who acts: `os:alice`, `slack:U123`, `github:octocat`. Authenticated only where the surface itself checked the person. */
export const Actor = Schema.Struct({ name: Schema.String, authenticated: Schema.Boolean })
export type Actor = typeof Actor.Type

/** Who acts in this program, through which surface. Each app provides it once; every record carries it. */
export class Operator extends Context.Tag("@keysweep/audit/Operator")<
  Operator,
  { readonly actor: Actor; readonly surface: Surface }
>() {}
