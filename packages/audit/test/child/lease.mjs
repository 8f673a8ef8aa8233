// Takes the lease of an account and keeps it until it is killed.
import { Effect } from "effect"
import { hold } from "@keysweep/audit/Lease"
import { storesAt } from "../support/stores.mjs"

const say = (line) => process.stdout.write(`${line}\n`)
const [address, account, run] = process.argv.slice(2)
await Effect.runPromise(
  Effect.gen(function* () {
    const { fence } = yield* hold(account, run)
    say(`holds ${fence}`)
    yield* Effect.never
  }).pipe(Effect.scoped, Effect.provide(await storesAt(address)))
)
