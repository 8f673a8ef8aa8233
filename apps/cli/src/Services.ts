import type { Deeds } from "./Deeds.ts"
import type { GivenAccount } from "./GivenAccount.ts"
import type { Output } from "./Output.ts"

/** What every command may use. */
export type Services = Output | Deeds | GivenAccount
