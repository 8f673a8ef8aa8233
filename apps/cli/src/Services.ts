import type { Output } from "./Output.ts"

/** What every command may use without asking for an account. */
export type Services = Output
