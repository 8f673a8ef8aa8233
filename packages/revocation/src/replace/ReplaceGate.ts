import type { LogView } from "@keysweep/audit/Projection"
import type { AccountUse } from "@keysweep/core/AccountReader"
import type { Credit } from "@keysweep/core/Credit"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { capCheck } from "../Gate.ts"
import type { GateResult } from "../GateResult.ts"
import { holdCheck } from "../PeopleChecks.ts"
import type { Settings } from "../Settings.ts"
import { balanceCheck, roomCheck } from "./Room.ts"
import type { ReplaceAction } from "./Values.ts"

/** What must be true before keys are made; the run judges it again. */
export const replaceGate = (facts: {
  readonly action: ReplaceAction
  readonly keys: ReadonlyArray<ProxyKey>
  /** Keys of the whole account. */
  readonly inAccount: number
  readonly needs: Credit
  readonly use: AccountUse | null
  readonly settings: typeof Settings.Service
  readonly view: LogView
  /** The plan's hash; absent while it is made. */
  readonly plan?: string
  readonly fromLog: ReadonlyArray<GateResult>
}): ReadonlyArray<GateResult> => {
  const { action, inAccount, keys, needs, settings, use, view } = facts
  return [
    roomCheck(use, inAccount, keys.length),
    balanceCheck(use, needs, settings.overridable.includes("balance")),
    ...(action === "rotate" ? [capCheck({ keys, inAccount, settings })] : []),
    holdCheck(facts.plan === undefined ? [] : [facts.plan], keys, view.holds),
    ...facts.fromLog
  ]
}
