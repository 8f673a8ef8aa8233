// One contender: at every "go N" line on standard input tries to take the lock once, and says what came of it; at
// "end" it forgets what it holds, as a killed process would.
import { Effect, Exit, Scope } from "effect"
import { mkdirSync, rmdirSync } from "node:fs"
import { createInterface } from "node:readline"
import { makeFileLock } from "@keysweep/audit/store/FileLock"

const say = (line) => process.stdout.write(`${line}\n`)
const [dir, sentinel] = process.argv.slice(2)
const scope = await Effect.runPromise(Scope.make())
const lock = await Effect.runPromise(
  Scope.extend(makeFileLock(dir, { actor: "os:child", run: null, since: "now" }), scope)
)
let held = false

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "go") {
    const result = await Effect.runPromise(Effect.either(lock.take))
    if (result._tag === "Right") {
      held = true
      let alone = true
      // Only one can make this folder: a second holder shows itself here.
      try {
        mkdirSync(sentinel)
      } catch {
        alone = false
      }
      say(`took ${result.right} ${alone}`)
    } else say(`held ${result.left._tag}`)
  } else if (line === "end") {
    if (held) rmdirSync(sentinel)
    held = false
    say("ended")
  } else break
}
await Effect.runPromise(Scope.close(scope, Exit.void))
process.exit(0)
