import { version } from "./Version.ts"

const [only, ...rest] = process.argv.slice(2)

// Answered before anything else is loaded.
if (rest.length === 0 && (only === "--version" || only === "-V" || only === "version")) {
  process.stdout.write(`${version}\n`)
} else {
  const { main } = await import("./Program.ts")
  main(process.argv.slice(2))
}
