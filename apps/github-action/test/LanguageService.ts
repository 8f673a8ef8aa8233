import { readFileSync } from "node:fs"
import { validate } from "@actions/languageservice"
import { TextDocument } from "vscode-languageserver-textdocument"

/** Run as a program: what GitHub's language service says of the files that it is given, a line each. */
for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, "utf8")
  const uri = path.endsWith("action.yml") ? "file:///action.yml" : "file:///.github/workflows/workflow.yml"
  const found = await validate(TextDocument.create(uri, "yaml", 1, text))
  for (const { message, range } of found) process.stdout.write(`${path}:${range.start.line + 1}: ${message}\n`)
}
