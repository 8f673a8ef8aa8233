import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import Ajv from "ajv-draft-04"
import addFormats from "ajv-formats"

/** The schema of SARIF 2.1.0 as published, which Microsoft's matcher for Jest carries. */
const published: unknown = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"),
    "utf8"
  )
)

const ajv = new Ajv.default({ allErrors: true, strict: false, unicodeRegExp: false })
addFormats.default(ajv)
const validate = ajv.compile(Object(published))

/** What is wrong with a document, by the published schema. */
export const sarifFaults = (document: unknown): ReadonlyArray<string> =>
  validate(JSON.parse(JSON.stringify(document)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
