import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Exit } from "effect"
import { program } from "./Program.ts"
import { Runner } from "./Runner.ts"
import { exitCodeOf } from "@keysweep/revocation/Outcome"

program.pipe(
  Effect.provide(Runner.layer),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => {
      end(Exit.isSuccess(exit) ? Number(exit.value) : exitCodeOf("interrupted"))
    }
  })
)
