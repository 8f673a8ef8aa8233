import { Either } from "effect"
import { json } from "../Answer.ts"
import type { Owned, StoredAccount, StoredKey } from "../AccountState.ts"
import type { Call, Handler } from "../Call.ts"
import { masterAccount, refuse } from "../Call.ts"
import { giveBack, turnWindow, unused } from "../Money.ts"
import { nowSeconds } from "../World.ts"
import { anyonesKey, ownKey } from "./OwnKey.ts"

/** At once and for good; what was not spent goes back to the balance. */
export const removeKey: Handler = (call) => Either.map(ownKey(call), (found) => removed(call, found))

export const removeKeyByPath: Handler = (call) =>
  call.world.switches.legacyAuth ? removeKey(call) : Either.map(anyonesKey(call), (found) => removed(call, found))

/** Key by key, so not atomic. The answer is the same whether there was anything to delete or not. */
export const removeAllKeys: Handler = (call) =>
  Either.gen(function* () {
    const account = yield* masterAccount(call)
    const doomed = account.keys.slice(0, call.received.stopAfter)
    for (const key of doomed) takeOut(call, account, key)
    // The fault `partial`: broken off half-way, whatever was still there.
    if (call.received.stopAfter !== undefined) return yield* refuse(500, "Internal server error")
    return json(200, { message: "Proxy keys deleted" })
  })

const removed = (call: Call, { account, key }: Owned) => {
  takeOut(call, account, key)
  return json(200, { message: "Proxy key deleted" })
}

const takeOut = (call: Call, account: StoredAccount, key: StoredKey): void => {
  turnWindow(key, nowSeconds(call.world), call.world.switches)
  giveBack(account, unused(key), call.world.switches)
  account.keys.splice(account.keys.indexOf(key), 1)
}
