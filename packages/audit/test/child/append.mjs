// Appends until it is killed (or `count` times) and prints the number of each record once it is acknowledged.
import { Effect, Layer } from "effect"
import { Operator } from "@keysweep/audit/Actor"
import { Refused } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { storesAt } from "../support/stores.mjs"

const [address, account, count = "1000000", writers = "1", size = "10"] = process.argv.slice(2)
const operator = Layer.succeed(Operator, { actor: { name: "os:child", authenticated: false }, surface: "cli" })

const write = Effect.gen(function* () {
  const log = yield* Log
  for (let i = 0; i < Number(count); i++) {
    const record = yield* log.append(Refused.make({ what: "x".repeat(Number(size)), why: "test" }))
    process.stdout.write(`${record.seq}\n`)
  }
})

const stores = await storesAt(address, { segmentBytes: 20_000 })
const program = Effect.all(
  Array.from({ length: Number(writers) }, () => write),
  { concurrency: "unbounded" }
).pipe(Effect.provide(Log.layer(account).pipe(Layer.provide([stores, operator]))))

Effect.runPromise(program).catch((error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 7
})
