import type { ProxyKey } from "@keysweep/core/ProxyKey"
import type { Values } from "./Values.ts"

/** What no request can set, as far as these keys have it. */
export const lostOf = (
  keys: ReadonlyArray<ProxyKey>,
  credit: Values["credit"],
  limitType: Values["limitType"]
): ReadonlyArray<string> => {
  const used = keys.filter((key) => key.used > 0)
  const hasFlag = keys.filter((key) => key.other["enabled_thinking"] !== undefined)
  const hasOther = keys.filter((key) =>
    Object.keys(key.other).some((field) => field !== "enabled_thinking" && field !== "limit_type")
  )
  return [
    ...(limitType === null
      ? [
          "limit_type: a create cannot set it and the upstream never shows it, so the new keys get the upstream's own (daily); say --limit-type if the old ones had another"
        ]
      : []),
    ...(used.length === 0
      ? []
      : [
          credit === "remaining"
            ? `used credit: ${counted(used.length)} of these had spent some; the new ones begin at 0 of what was left`
            : `used credit: ${counted(used.length)} of these had spent some; the new ones may spend all of the old allocation once more`
        ]),
    ...(hasFlag.length === 0 ? [] : ["enabled_thinking: the upstream decides it for new keys"]),
    ...(hasOther.length === 0 ? [] : ["fields of the upstream that this version does not know"])
  ]
}

const counted = (count: number): string => (count === 1 ? "1 key" : `${count} keys`)
