import { yamlText } from "./Yaml.ts"

export interface StarterOptions {
  /** What people call the account, and the environment variable with its master key; none: the environment's. */
  readonly account: { readonly label: string; readonly keyFrom: string } | null
  /** age recipients (`age1…`) that can open the backups; none: an identity in the home folder, made on first use. */
  readonly recipients: ReadonlyArray<string>
}

/**
 * A strict `keysweep.yaml` to begin with, explained line by line. It demands nothing that needs another person or another
 * service, so that it works at once; what to add for those stands in it as comments.
 */
export const starterSettings = ({ account, recipients }: StarterOptions): string =>
  [
    "# Settings of Keysweep. What each field means: docs/settings.md. Check them with: keysweep config check",
    "",
    ...section(
      "The account, and the environment variable that holds its master key. Never the key itself.",
      account === null ? null : { accounts: [account] },
      "accounts: [{ label: production, keyFrom: ELECTRONHUB_API_KEY }]"
    ),
    ...section(
      "Keys that no action touches, by pattern of the name or by id.",
      null,
      "protected: [{ name: 'production-*', why: takes payments }]"
    ),
    ...section(
      "Whose keys are whose. A key that nobody owns is not deleted (see block).",
      null,
      "owners: [{ name: 'ci-*', service: builds, slack: C024BE91L }]"
    ),
    ...section("At most so many keys a plan, and at most this share of the account.", {
      caps: { count: 10, percent: 25, minimum: 8 }
    }),
    ...section("A key that was used within this time is in use.", { liveUse: "48h" }),
    ...section("So long a key stays disabled and watched before it may be deleted.", { soak: [{ time: "7d" }] }),
    ...section("These checks block a deletion instead of warning.", {
      block: ["cap", "live use", "unknown owner", "not soaked", "policy"]
    }),
    ...section("These of them may be lifted with --override --reason; the log says so.", {
      overridable: ["cap", "live use", "unknown owner", "not soaked"]
    }),
    ...section(
      "Who is who, and how many others must approve. Approvals come through Slack or a GitHub environment.",
      null,
      "people: [{ name: Ada, slack: U024BE7LH, github: ada }]",
      "approvals: { delete: 1, delete-all: 2 }"
    ),
    ...section(
      "Who is told before anything is deleted. The address is in the variable; undelivered blocks.",
      null,
      "notices: [{ name: operations, kind: slack, urlFrom: OPERATIONS_WEBHOOK }]"
    ),
    ...section(
      "Who can open the backups. Without any: the key that the first run makes in the home folder. Keep a copy elsewhere.",
      recipients.length === 0 ? null : { backup: { recipients } },
      "backup: { recipients: [age1…] }"
    )
  ].join("\n")

/** What is set, under what it means; or examples to take the comment sign from. */
const section = (about: string, content: object | null, ...examples: ReadonlyArray<string>): ReadonlyArray<string> => [
  `# ${about}`,
  ...(content === null ? examples.map((line) => `# ${line}`) : [yamlText(content)]),
  ""
]
