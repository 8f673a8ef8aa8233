import { Either } from "effect"
import { json } from "../Answer.ts"
import type { Owned } from "../AccountState.ts"
import type { Call, Handler } from "../Call.ts"
import { masterAccount } from "../Call.ts"
import { turnWindow } from "../Money.ts"
import { nowSeconds } from "../World.ts"
import { keyView } from "./KeyView.ts"
import { anyonesKey, ownKey } from "./OwnKey.ts"

/** A bare array, whole: no pages, no wrapper. */
export const listKeys: Handler = (call) =>
  masterAccount(call).pipe(
    Either.map((account) =>
      json(
        200,
        account.keys.map((key) => {
          turnWindow(key, nowSeconds(call.world), call.world.switches)
          return keyView(account, key, "list", call.world.switches)
        })
      )
    )
  )

export const lookupKey: Handler = (call) => Either.map(ownKey(call), (found) => shown(call, found))

export const lookupKeyByPath: Handler = (call) =>
  call.world.switches.legacyAuth ? lookupKey(call) : Either.map(anyonesKey(call), (found) => shown(call, found))

const shown = (call: Call, { account, key }: Owned) => {
  turnWindow(key, nowSeconds(call.world), call.world.switches)
  return json(200, keyView(account, key, "lookup", call.world.switches))
}
