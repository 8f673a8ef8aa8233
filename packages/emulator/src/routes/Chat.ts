import { Either } from "effect"
import { json } from "../Answer.ts"
import type { LogEntry, StoredAccount } from "../AccountState.ts"
import type { Call, Handler } from "../Call.ts"
import { bodyOf, refuse } from "../Call.ts"
import { bearerOf } from "../Caller.ts"
import type { Denial } from "../KeyAccess.ts"
import { denialOf } from "../KeyAccess.ts"
import { charge, credits, turnWindow } from "../Money.ts"
import type { Refusal } from "../Refusal.ts"
import { ChatBody } from "../RequestBody.ts"
import type { Settled } from "../Switches.ts"
import { nowSeconds } from "../World.ts"

/** No model: the same words every time. What is real is who may call, what it costs, and the trace that it leaves. */
export const chatCompletion: Handler = (call) =>
  Either.gen(function* () {
    if (call.caller._tag === "Nobody") return yield* refuse(401, call.caller.why)
    const { model } = yield* bodyOf(call, ChatBody)
    const price = priceOf(call)
    yield* pay(call, model, price)
    const created = nowSeconds(call.world)
    note(call, call.caller.account, { model, credits: price, status: "success", ...tokens })
    return json(200, {
      id: `chatcmpl-${created}`,
      object: "chat.completion",
      created,
      model,
      choices: [
        { index: 0, message: { role: "assistant", content: "Hello from the emulator." }, finish_reason: "stop" }
      ],
      usage: { prompt_tokens: tokens.input_tokens, completion_tokens: tokens.output_tokens, total_tokens: 30 }
    })
  })

const tokens = { input_tokens: 20, output_tokens: 10 }

const pay = (call: Call, model: string, price: number): Either.Either<void, Refusal> => {
  const { caller, world } = call
  const now = nowSeconds(world)
  if (caller._tag === "Nobody") return refuse(401, caller.why)
  const { account } = caller
  if (caller._tag === "Proxy") {
    turnWindow(caller.key, now, world.switches)
    const denial = denialOf(caller.key, { nowSeconds: now, address: call.received.address, model, price })
    if (denial !== undefined) {
      note(call, account, { model, credits: 0, status: "error" })
      return refuse(statusOf(denial, world.switches), denial.message)
    }
  }
  if ((caller._tag === "Master" || world.switches.money === "cap") && account.balance < price) {
    return refuse(
      402,
      "Insufficient balance.\n\nPlease wait for the next weekly refill or purchase more tokens in Electron Hub."
    )
  }
  if (caller._tag === "Master") account.balance = credits(account.balance - price)
  else {
    charge(account, caller.key, price, world.switches)
    caller.key.last_used = now
  }
  return Either.void
}

const statusOf = (denial: Denial, switches: Settled): number => {
  switch (denial.reason) {
    case "inactive":
    case "expired":
      return switches.deadKeyStatus
    case "address":
    case "model":
      return 403
    case "exhausted":
      return 402
  }
}

/** Credits: the header `X-Emulator-Cost` of the request, else the switch. */
const priceOf = (call: Call): number => {
  const asked = Number(call.received.headers["x-emulator-cost"] ?? Number.NaN)
  return credits(Number.isFinite(asked) && asked >= 0 ? asked : call.world.switches.chatPrice)
}

const keptLogs = 1000

const note = (
  call: Call,
  account: StoredAccount,
  entry: Pick<LogEntry, "model" | "credits" | "status" | "input_tokens" | "output_tokens">
): void => {
  if (call.caller._tag === "Proxy" && !call.world.switches.logProxyCalls) return
  const { model, credits, status, ...tokens } = entry
  account.logs.unshift({
    key: bearerOf(call.received.headers["authorization"]),
    model,
    route: "chat.completions",
    credits,
    timestamp: nowSeconds(call.world),
    status,
    ...tokens,
    ip: call.received.address
  })
  account.logs.splice(keptLogs)
}
