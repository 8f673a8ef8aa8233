#!/usr/bin/env node
import { Cause, Effect, Exit, Fiber } from "effect"
import { emulatorMain } from "./Main.ts"

const fiber = Effect.runFork(emulatorMain(process.argv.slice(2)))

const stop = () => {
  Effect.runFork(Fiber.interrupt(fiber))
}
process.once("SIGINT", stop)
process.once("SIGTERM", stop)

fiber.addObserver((exit) => {
  if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) process.exit(0)
  const failure = Cause.failureOption(exit.cause)
  const usage = failure._tag === "Some" && failure.value._tag === "EmulatorUsage"
  process.stderr.write(`${failure._tag === "Some" ? failure.value.message : Cause.pretty(exit.cause)}\n`)
  process.exit(usage ? 2 : 1)
})
