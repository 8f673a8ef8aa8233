import { Schema } from "effect"

const choice = <const Values extends readonly [string, ...Array<string>]>(...values: Values) =>
  Schema.Literal(...values)

const whenShown = choice("never", "lookup", "always")
const flag = (initial: boolean) => Schema.optionalWith(Schema.Boolean, { default: () => initial })
const amount = Schema.NonNegative
const whole = Schema.NonNegativeInt

/**
 * What the upstream's documents leave open, or say in two ways. `SwitchHelp.ts` says of each which question it answers.
 *
 * A switch without a default here takes one from the generation, the money model or the account's plan (`settle`).
 */
export const Switches = Schema.Struct({
  generation: Schema.optionalWith(choice("all", "g0", "g1", "g2"), { default: () => "all" }),
  legacyRoutes: Schema.optional(Schema.Boolean),
  bulkRoutes: Schema.optional(choice("old", "new", "both")),
  unprefixed: flag(true),
  redirectSlashes: flag(true),
  legacyAuth: flag(true),
  validationStatus: Schema.optional(Schema.Literal(400, 422)),
  errorBody: Schema.optional(choice("envelope", "detail-string", "detail-error", "detail-list", "html")),
  errorCode: Schema.optionalWith(choice("number", "string", "null"), { default: () => "number" }),
  createStatus: Schema.optionalWith(Schema.Literal(200, 201), { default: () => 201 }),
  proxyKeyStatus: Schema.optionalWith(Schema.Literal(401, 403), { default: () => 403 }),
  deadKeyStatus: Schema.optionalWith(Schema.Literal(401, 403), { default: () => 401 }),
  inactiveValidate: Schema.optionalWith(choice("verdict", "401"), { default: () => "verdict" }),
  money: Schema.optionalWith(choice("transfer", "cap"), { default: () => "transfer" }),
  shortBalance: Schema.optionalWith(Schema.Literal(400, 402), { default: () => 402 }),
  windowReset: Schema.optional(choice("never", "fixed", "rolling")),
  allocationCap: Schema.optionalWith(amount, { default: () => 10_000 }),
  zeroAllocation: flag(false),
  expiredUpdate: Schema.optionalWith(choice("refused", "allowed"), { default: () => "refused" }),
  limitTypeOmitted: Schema.optionalWith(choice("daily", "kept"), { default: () => "daily" }),
  createLimitType: Schema.optionalWith(choice("ignored", "taken"), { default: () => "ignored" }),
  plan: Schema.optional(Schema.NonEmptyString),
  keyCap: Schema.optional(whole),
  ipKeyLimit: Schema.optionalWith(whole, { default: () => 0 }),
  rpm: Schema.optional(Schema.Positive.pipe(Schema.int())),
  cooldown: Schema.optionalWith(amount, { default: () => 180 }),
  cooldownExtends: flag(false),
  cooldownMessage: Schema.optionalWith(choice("fixed", "countdown"), { default: () => "fixed" }),
  retryAfter: flag(false),
  limiterScope: Schema.optionalWith(choice("account", "key"), { default: () => "account" }),
  freeUserMe: flag(false),
  showUserId: Schema.optional(whenShown),
  showThinking: Schema.optional(whenShown),
  showLimitType: Schema.optionalWith(whenShown, { default: () => "never" }),
  neverUsed: Schema.optionalWith(choice("null", "zero"), { default: () => "null" }),
  credits: Schema.optionalWith(choice("integer", "exact"), { default: () => "integer" }),
  logProxyCalls: flag(true),
  chatPrice: Schema.optionalWith(amount, { default: () => 0.01 }),
  challengeAgent: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  challengePath: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] })
})
export type Switches = typeof Switches.Type
export type SwitchOptions = typeof Switches.Encoded

/** Switches with nothing left open but what depends on an account. */
export interface Settled extends Switches {
  readonly legacyRoutes: boolean
  readonly bulkRoutes: "old" | "new" | "both"
  readonly staticRoutes: boolean
  readonly validationStatus: 400 | 422
  readonly errorBody: NonNullable<Switches["errorBody"]>
  readonly windowReset: NonNullable<Switches["windowReset"]>
  readonly showUserId: typeof whenShown.Type
  readonly showThinking: typeof whenShown.Type
}

/** Generations: G0 has the key in the path, G1 (2026-05-23) in the body, G2 (2026-07-07) one envelope for errors. */
export const settle = (switches: Switches): Settled => {
  const old = switches.generation === "g0"
  const beforeEnvelope = old || switches.generation === "g1"
  const bulkOfGeneration = switches.generation === "all" ? "both" : old ? "old" : "new"
  return {
    ...switches,
    staticRoutes: !old,
    legacyRoutes: old || (switches.legacyRoutes ?? true),
    bulkRoutes: switches.bulkRoutes ?? bulkOfGeneration,
    validationStatus: switches.validationStatus ?? (beforeEnvelope ? 422 : 400),
    errorBody: switches.errorBody ?? (beforeEnvelope ? "detail-string" : "envelope"),
    // An allocation that was paid for is spent once; one that is only a cap starts again with each window.
    windowReset: switches.windowReset ?? (switches.money === "transfer" ? "never" : "fixed"),
    showUserId: switches.showUserId ?? (old ? "never" : "lookup"),
    showThinking: switches.showThinking ?? (old ? "never" : "lookup")
  }
}
