import { Option } from "effect"
import type { Reach } from "./GivenAccount.ts"

/** Which accounts of the settings were named: one, several with commas between them, or all. */
export interface Reaches extends Reach {
  readonly allAccounts: boolean
}

/** Whether more than one account was asked for; everything else is as it always was. */
export const isSeveral = ({ account, allAccounts }: Reaches): boolean =>
  allAccounts || Option.exists(account, (labels) => labels.includes(","))
