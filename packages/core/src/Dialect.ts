import { Schema } from "effect"

/** `static`: the key travels in the body (since 2026-05-23). `path`: the key is the last segment of the path. */
export const Dialect = Schema.Literal("static", "path")
export type Dialect = typeof Dialect.Type
