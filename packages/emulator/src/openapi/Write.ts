import { writeFileSync } from "node:fs"
import { openApiDocument } from "./Document.ts"

/** Writes `openapi.json` beside `package.json`: `pnpm openapi`. */
writeFileSync(new URL("../../openapi.json", import.meta.url), `${JSON.stringify(openApiDocument(), null, 2)}\n`)
