import type { Switches } from "./Switches.ts"

/** How a switch is written on the command line, and which question it answers. */
export interface SwitchHelp {
  readonly group: "Routes" | "Errors" | "Who may call" | "Money" | "Keys" | "Rate limit" | "What reads show" | "Edge"
  /** `flag`: on or off; `list`: may be given several times. */
  readonly kind: "flag" | "number" | "text" | "list"
  /** What stands behind the option in the help. */
  readonly takes: string
  readonly question: string
}

const help = (group: SwitchHelp["group"], kind: SwitchHelp["kind"], takes: string, question: string): SwitchHelp => ({
  group,
  kind,
  takes,
  question
})

/** Every switch; one that is added without its question does not compile. The first value is the default. */
export const switchHelp: { readonly [_ in keyof Switches]: SwitchHelp } = {
  generation: help(
    "Routes",
    "text",
    "all|g0|g1|g2",
    "Which documents hold? g0: key in the path (until 2026-05-22); g1: key in the body, 422 (until 2026-07-06); g2: 400, one error envelope (since); all: every route, answers as g2."
  ),
  legacyRoutes: help(
    "Routes",
    "flag",
    "on|off",
    "Do the path routes still work beside the static ones? The pages say yes, the printed edge allow-list has none."
  ),
  bulkRoutes: help(
    "Routes",
    "text",
    "both|old|new",
    "Which delete-all is there: old DELETE /auth/proxy, new DELETE /auth/proxy/delete? The move is in no changelog. Default by generation: g0 old, g1 and g2 new."
  ),
  unprefixed: help(
    "Routes",
    "flag",
    "on|off",
    "Do routes also answer without /v1? The changelog says yes, the OpenAPI file since 2026-06-19 no."
  ),
  redirectSlashes: help(
    "Routes",
    "flag",
    "on|off",
    "Is a trailing slash answered with a 307 to the path without it, as a stock FastAPI does?"
  ),
  createStatus: help(
    "Routes",
    "number",
    "201|200",
    "Which status has a successful create? Only the OpenAPI file says 201."
  ),
  errorBody: help(
    "Errors",
    "text",
    "envelope|detail-string|detail-error|detail-list|html",
    'What shape has an error? One envelope since 2026-07-07, but the proxy pages still show {"detail": …}. g0 and g1: detail-string.'
  ),
  errorCode: help(
    "Errors",
    "text",
    "number|string|null",
    "Is error.code the status as a number, a word, or null? The pages and the OpenAPI file differ."
  ),
  validationStatus: help(
    "Errors",
    "number",
    "400|422",
    "What does a body that does not fit the schema get? g0 and g1: 422."
  ),
  deadKeyStatus: help(
    "Errors",
    "number",
    "401|403",
    "What does a model call with an inactive or expired proxy key get? 'Authentication errors', no number."
  ),
  inactiveValidate: help(
    "Errors",
    "text",
    "verdict|401",
    "Does validate answer an inactive key with 200 and valid: false, or with 401?"
  ),
  shortBalance: help("Errors", "number", "402|400", "What does an allocation get that the balance cannot pay?"),
  legacyAuth: help(
    "Who may call",
    "flag",
    "on|off",
    "Do legacy lookup and delete ask who calls? Before 2026-05-23 they did not: off brings that back."
  ),
  proxyKeyStatus: help(
    "Who may call",
    "number",
    "403|401",
    "What does a proxy key get that manages keys? 'Cannot call', no number."
  ),
  ipKeyLimit: help(
    "Who may call",
    "number",
    "0|N",
    "Are API keys per address limited on free plans (the page says 3, with a 403)? 0: no."
  ),
  money: help(
    "Money",
    "text",
    "transfer|cap",
    "Does create deduct the allocation from the balance and delete return what is unused, or is it only a cap? The texts have both."
  ),
  allocationCap: help(
    "Money",
    "number",
    "10000",
    "The highest allocation of one key: the daily limit (g0), $10,000, or 'your tier's cap'."
  ),
  zeroAllocation: help(
    "Money",
    "flag",
    "off|on",
    "Is an allocation of 0 accepted? Pages: positive; OpenAPI: minimum 0."
  ),
  windowReset: help(
    "Money",
    "text",
    "never|fixed|rolling",
    "When does used_ammount go back to 0? Undocumented. fixed: 21:00 UTC, Sundays, the first; rolling: 1, 7, 30 days. Default with --money cap: fixed."
  ),
  chatPrice: help(
    "Money",
    "number",
    "0.01",
    "Credits for one model call; a request can say otherwise with X-Emulator-Cost."
  ),
  plan: help(
    "Keys",
    "text",
    "NAME",
    "Plan of the first account (free, starter, plus, core, pro, business, enterprise): gives rate limit and key cap where these are not set."
  ),
  keyCap: help(
    "Keys",
    "number",
    "N",
    "How many proxy keys may an account have? By plan 10 to 100, but plans and tiers have different names."
  ),
  expiredUpdate: help(
    "Keys",
    "text",
    "refused|allowed",
    "May an update leave an expired expires_at as it is? Create's rule is not repeated for update."
  ),
  limitTypeOmitted: help(
    "Keys",
    "text",
    "daily|kept",
    "Does an update without limit_type set it to daily? The default is documented, its effect on a monthly key is not."
  ),
  createLimitType: help(
    "Keys",
    "text",
    "ignored|taken",
    "Does create take limit_type? The text names the three types, the schema has no field."
  ),
  rpm: help(
    "Rate limit",
    "number",
    "N",
    "Requests per minute, for every account that has no limit of its own. Default by plan: 5 (free) to 100; purchases multiply it up to 1,000."
  ),
  cooldown: help("Rate limit", "number", "180", "Seconds without service after one request too many."),
  cooldownExtends: help("Rate limit", "flag", "off|on", "Does a request during the cooldown start it again?"),
  cooldownMessage: help(
    "Rate limit",
    "text",
    "fixed|countdown",
    "Does the number in 'Try again in 180 seconds.' count down?"
  ),
  retryAfter: help("Rate limit", "flag", "off|on", "Is Retry-After sent with a 429? Not documented for these."),
  limiterScope: help(
    "Rate limit",
    "text",
    "account|key",
    "Do an account's proxy keys share its window, or has each key its own?"
  ),
  freeUserMe: help("Rate limit", "flag", "off|on", "Is user/me free once a minute? One paragraph says both."),
  showUserId: help(
    "What reads show",
    "text",
    "lookup|never|always",
    "Which reads have user_id? Only the lookup page shows it. g0: never."
  ),
  showThinking: help(
    "What reads show",
    "text",
    "lookup|never|always",
    "Which reads have enabled_thinking? Only the lookup page shows it. g0: never."
  ),
  showLimitType: help(
    "What reads show",
    "text",
    "never|lookup|always",
    "Which reads have limit_type? No documented response has it."
  ),
  neverUsed: help(
    "What reads show",
    "text",
    "null|zero",
    "Is last_used of an unused key null (create's example) or an integer (OpenAPI)?"
  ),
  credits: help("What reads show", "text", "integer|exact", "Are the credits of user/me whole? OpenAPI says integer."),
  logProxyCalls: help("What reads show", "flag", "on|off", "Do calls of proxy keys appear in user/logs?"),
  challengeAgent: help(
    "Edge",
    "list",
    "TEXT",
    "Which User-Agents get an HTML 403 from the edge instead of an answer? A part of the name; '' for none sent."
  ),
  challengePath: help("Edge", "list", "PATTERN", "Which paths get it? * stands for any characters.")
}
