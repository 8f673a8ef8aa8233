// Adds up the reports that the suites leave behind and prints one line: "N passed, N failed, N skipped".
// Fails when a suite left no report or has no test in it, or when nothing passed: silence never counts as success.
import { existsSync, readFileSync, readdirSync } from "node:fs"

const folders = ["packages", "apps", "tooling"].flatMap((parent) =>
  existsSync(parent) ? readdirSync(parent).map((name) => `${parent}/${name}`) : []
)
const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
let missing = 0

for (const folder of folders) {
  if (!existsSync(`${folder}/package.json`)) continue
  const { scripts = {} } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
  if (scripts.test === undefined) continue
  const cache = `${folder}/node_modules/.cache`
  const reports = existsSync(cache) ? readdirSync(cache).filter((name) => /^vitest-.*report\.json$/.test(name)) : []
  if (!reports.includes("vitest-report.json")) {
    console.log(`${folder}: no report, so its tests did not run to the end`)
    missing++
  }
  for (const report of reports) {
    const content = JSON.parse(readFileSync(`${cache}/${report}`, "utf8"))
    failures.push(...failed(content).map((failure) => `${folder}: ${failure}`))
    const suite = count(content)
    console.log(`${folder}: ${line(suite)}`)
    if (suite.passed + suite.failed + suite.skipped === 0) missing++
    for (const name of Object.keys(total)) total[name] += suite[name]
  }
}

for (const failure of failures) console.log(`\n✗ ${failure}`)
console.log(line(total))
if (total.passed === 0) console.log("no test passed: something is wrong with the run itself")
process.exitCode = missing > 0 || total.failed > 0 || total.passed === 0 ? 1 : 0

/** A file that did not even load has no tests of its own to fail: it counts as one failed test. */
function count(report) {
  const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests
  }
}

/** The name of each failed test with the beginning of what it said, so that the end of a long output names them. */
function failed(report) {
  return report.testResults.flatMap((file) => [
    ...(file.status === "failed" && file.assertionResults.length === 0
      ? [`${file.name}\n${excerpt(file.message)}`]
      : []),
    ...file.assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${test.fullName}\n${excerpt(test.failureMessages.join("\n"))}`)
  ])
}

function excerpt(message = "") {
  return message.split("\n").slice(0, 25).join("\n").slice(0, 2000)
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
