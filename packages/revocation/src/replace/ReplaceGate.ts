import type { LogView } from "@keysweep/audit/Projection"
import type { AccountUse } from "@keysweep/core/AccountReader"
import type { Credit } from "@keysweep/core/Credit"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { gate, type GateFacts } from "../Gate.ts"
import type { GateResult } from "../GateResult.ts"
import { holdCheck, secondPersonCheck } from "../PeopleChecks.ts"
import { approvalsNeeded, type Settings } from "../Settings.ts"
import { balanceCheck, roomCheck } from "./Room.ts"
import type { ReplaceAction } from "./Values.ts"

/**
 * What must be true before keys are made; the run judges it again. A rotation disables its old keys and deletes them after
 * their soak: it has every check that such a plan has.
 */
export const replaceGate = (
  facts: Pick<GateFacts, "now" | "soaks" | "stored" | "timeScale"> & {
    readonly action: ReplaceAction
    readonly keys: ReadonlyArray<ProxyKey>
    /** Keys of the whole account. */
    readonly inAccount: number
    readonly needs: Credit
    readonly soakSeconds: number
    readonly use: AccountUse | null
    readonly settings: typeof Settings.Service
    readonly view: LogView
    /** The plan's hash; absent while it is made. */
    readonly plan?: string
    /** How many other people have approved it. */
    readonly approvals: number
    readonly fromLog: ReadonlyArray<GateResult>
  }
): ReadonlyArray<GateResult> => {
  const { action, approvals, inAccount, keys, needs, settings, soakSeconds, use, view } = facts
  const thenDelete = [{ soakSeconds, keys: keys.map(({ id }) => id) }]
  return [
    roomCheck(use, inAccount, keys.length),
    balanceCheck(use, needs, settings.overridable.includes("balance")),
    ...(action === "rotate"
      ? [
          ...gate({ ...facts, action: "disable", thenDelete }),
          secondPersonCheck(approvals, approvalsNeeded(settings, "delete"))
        ]
      : []),
    holdCheck(facts.plan === undefined ? [] : [facts.plan], keys, view.holds),
    ...facts.fromLog
  ]
}
