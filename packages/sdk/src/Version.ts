import { createRequire } from "node:module"
import { Schema } from "effect"

const manifest: unknown = createRequire(import.meta.url)("../package.json")

/** From package.json, which lies beside `dist` and beside `src`. */
export const version = Schema.decodeUnknownSync(Schema.Struct({ version: Schema.String }))(manifest).version
