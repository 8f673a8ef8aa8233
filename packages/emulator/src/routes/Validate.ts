import { Either } from "effect"
import { json } from "../Answer.ts"
import type { Handler } from "../Call.ts"
import { bodyOf, refuse } from "../Call.ts"
import { denialOf } from "../KeyAccess.ts"
import { turnWindow } from "../Money.ts"
import { ValidateBody } from "../RequestBody.ts"
import { nowSeconds } from "../World.ts"

/** Called with the proxy key itself; 200 carries the verdict, also when it is no. The body is optional. */
export const validateKey: Handler = (call) =>
  Either.gen(function* () {
    const { switches } = call.world
    if (call.caller._tag === "Nobody") return yield* refuse(401, call.caller.why)
    if (call.caller._tag === "Master") return yield* refuse(400, "This endpoint is for proxy keys only.")
    const model = call.body === undefined ? undefined : ((yield* bodyOf(call, ValidateBody)).model ?? undefined)
    const { key } = call.caller
    turnWindow(key, nowSeconds(call.world), switches)
    const denial = denialOf(key, {
      nowSeconds: nowSeconds(call.world),
      address: call.received.address,
      model,
      price: 0
    })
    if (denial?.reason === "inactive" && switches.inactiveValidate === "401") return yield* refuse(401, denial.message)
    return json(200, { valid: denial === undefined, message: denial?.message ?? "Access granted" })
  })
