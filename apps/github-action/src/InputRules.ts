import { signingSeed } from "@keysweep/audit/SigningKey"
import { makeAccount } from "@keysweep/core/Account"
import { Severity } from "@keysweep/revocation/Findings"
import { ScanBar } from "@keysweep/revocation/scan/ScanOutcome"
import { Either, Redacted } from "effect"
import { isAbsolute } from "node:path"
import type { Mistake } from "./ActionError.ts"
import { actionRules, given, type Raw } from "./ActionRules.ts"
import { isInside } from "./Folder.ts"
import type { CommandName, RawInputs } from "./Inputs.ts"

export interface Surroundings {
  readonly workspace: string
  readonly timeScale: number
  readonly showsNames: boolean
}

type Name = keyof RawInputs

/**
 * Rules between inputs, over the text as it was given, so that a mistake in one input does not hide another. An input
 * that a command does not take is a mistake: `apply` takes a plan and its hash, and nothing that could widen it.
 */
export const inputRules = (raw: Raw, surroundings: Surroundings): ReadonlyArray<Mistake> => [
  ...accountMistakes(raw, surroundings),
  ...required(raw, surroundings),
  ...misplaced(raw),
  ...contradictions(raw),
  ...actionRules(raw),
  ...home(raw, surroundings),
  ...bar(raw),
  ...signingKey(raw)
]

const acting = [
  "audit",
  "scan",
  "plan",
  "apply",
  "resume",
  "backup",
  "run-due"
] as const satisfies ReadonlyArray<CommandName>

/** Which commands an input is for; all, where it is not here. */
const takenBy: { readonly [name in Name]?: ReadonlyArray<CommandName> } = {
  "api-key": acting,
  recipients: acting,
  "base-url": acting,
  deadline: acting,
  "fail-on": ["audit", "scan"],
  paths: ["scan"],
  history: ["scan"],
  everything: ["scan"],
  action: ["plan"],
  keys: ["plan"],
  names: ["plan"],
  where: ["plan"],
  expired: ["plan"],
  disabled: ["plan"],
  all: ["plan"],
  "delete-after": ["plan"],
  addresses: ["plan"],
  models: ["plan"],
  expires: ["plan"],
  budget: ["plan"],
  "limit-type": ["plan"],
  sinks: ["plan"],
  credit: ["plan"],
  wait: ["plan"],
  run: ["plan", "resume"],
  override: ["plan"],
  reason: ["plan"],
  "plan-path": ["plan", "apply"],
  confirm: ["apply"],
  environment: ["apply"],
  "log-bundle": ["verify-log"]
}

const misplaced = (raw: Raw): ReadonlyArray<Mistake> =>
  Object.entries(takenBy).flatMap(([input, commands]) =>
    given(raw, input) && isCommand(raw["command"]) && !commands.some((it) => it === raw["command"])
      ? [{ input, detail: `is for ${commands.join(" and ")} only` }]
      : []
  )

const required = (raw: Raw, { showsNames }: Surroundings): ReadonlyArray<Mistake> => {
  const need = (input: Name, by: ReadonlyArray<CommandName>, what: string) => {
    const [only, ...others] = by
    const whose = only !== undefined && others.length === 0 ? ` by ${only}` : ""
    return by.some((it) => it === raw["command"]) && !given(raw, input)
      ? [{ input, detail: `is required${whose}: ${what}` }]
      : []
  }
  return [
    ...need("api-key", acting, "the account's master key, from a secret"),
    ...need("recipients", acting, "age recipients (age1…), one a line"),
    ...need("action", ["plan"], "what to do"),
    ...need("reason", ["plan"], "why, for the log"),
    ...need("plan-path", ["apply"], "the plan file"),
    ...need("confirm", ["apply"], "the hash of exactly this plan"),
    ...(showsNames
      ? []
      : need("signing-key", ["plan"], "in a public repository everybody can read artifacts, so the plan is sealed")),
    ...(given(raw, "state-in") && !given(raw, "signing-key")
      ? [{ input: "signing-key", detail: "is required by state-in: the state is sealed with it" }]
      : []),
    ...(given(raw, "store") && !given(raw, "signing-key")
      ? [{ input: "signing-key", detail: "is required by store: one log is signed by one key, on whatever machine" }]
      : [])
  ]
}

const contradictions = (raw: Raw): ReadonlyArray<Mistake> => [
  ...(given(raw, "store") && given(raw, "state-in")
    ? [{ input: "state-in", detail: "is for records in files, and store names a database: give one of them" }]
    : []),
  ...(given(raw, "log-bundle") && (given(raw, "state-in") || given(raw, "home"))
    ? [{ input: "log-bundle", detail: "is another log than that of home or state-in: give one of them" }]
    : [])
]

const home = (raw: Raw, { workspace }: Surroundings): ReadonlyArray<Mistake> => {
  const path = raw["home"] ?? ""
  if (path !== "" && !isAbsolute(path)) return [{ input: "home", detail: "must be an absolute path" }]
  return isInside(path, workspace)
    ? [{ input: "home", detail: "must not be in the workspace: a checkout could place settings there" }]
    : []
}

const bars: { readonly [command: string]: ReadonlyArray<string> } = {
  audit: [...Severity.literals, "never"],
  scan: ScanBar.literals
}

const bar = (raw: Raw): ReadonlyArray<Mistake> => {
  const words = bars[raw["command"] ?? ""]
  return words === undefined || !given(raw, "fail-on") || words.includes(raw["fail-on"] ?? "")
    ? []
    : [{ input: "fail-on", detail: `must be one of ${words.join(", ")} for ${raw["command"]}` }]
}

const signingKey = (raw: Raw): ReadonlyArray<Mistake> => {
  const key = raw["signing-key"] ?? ""
  return key === "" || Either.isRight(signingSeed("signing-key", Redacted.make(key)))
    ? []
    : [{ input: "signing-key", detail: "must be an Ed25519 key: PEM, or the base64 of its 32 bytes" }]
}

const accountMistakes = (raw: Raw, { timeScale }: Surroundings): ReadonlyArray<Mistake> => {
  const key = raw["api-key"] ?? ""
  const account = makeAccount({ masterKey: Redacted.make(key), baseUrl: raw["base-url"] || undefined, timeScale })
  return key === ""
    ? []
    : Either.match(account, { onRight: () => [], onLeft: ({ detail }) => [{ input: "api-key, base-url", detail }] })
}

const commands: ReadonlySet<string> = new Set([...acting, "verify-log"])
const isCommand = (word: string | undefined): boolean => commands.has(word ?? "")
