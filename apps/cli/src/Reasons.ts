import { askReason, checkReason } from "@keysweep/revocation/Reason"
import type { ConfirmationRefused } from "@keysweep/revocation/PlanError"
import { Effect, Either } from "effect"
import { Output } from "./Output.ts"
import { askAt } from "./Terminal.ts"

/** A request with its reason: the one that was typed, or the one that is said at the terminal. Elsewhere nobody is asked. */
export const withReason = <Request extends Parameters<typeof checkReason>[0]>(
  request: Request
): Effect.Effect<Request, ConfirmationRefused, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    if (Either.isRight(checkReason(request)) || !process.stdin.isTTY || !err.isTerminal) return request
    const reason = yield* askReason(({ number, of }) =>
      askAt(
        err,
        number === 1 ? "" : `A plan says why (attempt ${number} of ${of}).\n`,
        "Why? It goes into plan and log: "
      )
    )
    return { ...request, reason }
  })
