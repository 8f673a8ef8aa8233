import type { Section } from "./Help.ts"

export interface Topic {
  readonly about: string
  readonly sections: ReadonlyArray<Section>
}

/** What more than one command goes by. */
export const topics: { readonly [name: string]: Topic } = {
  selection: {
    about:
      "Which keys a command is about. Values of one option are alternatives; different options narrow one another. No selector is refused; a filter that no key passes is nothing to do. keysweep plan … --explain says why each key is in or out.",
    sections: [
      [
        "Options",
        [
          ["--key KEY", "Its id, the beginning of its id, or its whole name. Must be exactly one key."],
          ["--name GLOB", "Whole names: * ? [a-c] {ci-*,web}."],
          ["--owner GLOB", "Owners, by the settings."],
          ["--state STATE", "active, disabled, expired or exhausted."],
          ["--expired, --disabled", "By the clock; switched off."],
          ["--idle, --older-than TIME", "Not used, or made, for so long: 90m, 12h, 30d, 2w."],
          ["--unused", "The upstream shows no use."],
          ["--unrestricted", "Every model, from every address."],
          ["--spent-below CREDITS", "Has spent less."],
          ["--where EXPRESSION", "What options cannot say."],
          ["--all", "Every key. Stands alone."],
          ["--leaked", "disable, delete: the key whose value is handed over, at a prompt or on standard input."],
          ["--leaked-from FILE", "disable, delete: the account's keys in a report of leaked secrets."]
        ]
      ],
      [
        "Names in an expression (CEL)",
        [
          ["id, name, state, owner", "Texts. The owner is empty if nobody is known."],
          ["findings, models, addresses", "Lists of texts. No models or addresses: every one."],
          ["allocated, used, remaining", "Credits."],
          ["unused, expires, expired, unrestricted", "True or false."],
          ["now, createdAt, lastUsedAt, expiresAt", "Times."],
          ["age, idle", "Durations."]
        ]
      ],
      [
        "Functions",
        [
          ["days(n), hours(n), minutes(n)", "A duration: idle > days(30)."],
          ["name.glob('ci-*')", "Whether the whole text matches."],
          ["address.cidr('10.0.0.0/8')", "Whether it lies in a range: addresses.all(a, a.cidr('10.0.0.0/8'))."],
          ["startsWith, endsWith, contains", "Parts of a text; lowerAscii() before them ignores case."],
          ["size, exists, all, filter", "Of lists."]
        ]
      ]
    ]
  },
  outcomes: {
    about: "How a command ends: the same list for every surface, as an exit code here. Only 0 is success.",
    sections: [
      [
        "Exit codes",
        [
          ["0  done, nothing", "Proven by a fresh reading, or nothing to do."],
          [
            "1  partial, failed, unverified",
            "Some keys not done, a fault, or no proof. A list with unreadable records is partial."
          ],
          ["2  refused", "Not understood, no target, not confirmed. Nothing was changed."],
          ["3  blocked", "A check blocks; each is named with what would lift it."],
          ["4  stale", "The plan was changed, used, is too old, or the keys are not as planned."],
          ["5  credentials", "The upstream does not take the key."],
          ["6  limit", "The rate limit, or another run holds the account. Can be resumed."],
          ["7  records", "Log or backup is not available, or does not verify."],
          ["8  findings", "At or above --fail-on."],
          ["130  interrupted", "keysweep resume goes on."]
        ]
      ]
    ]
  },
  files: {
    about: "What Keysweep keeps, in KEYSWEEP_HOME. No secret of a key is in any of it.",
    sections: [
      [
        "In the home folder",
        [
          ["keysweep.yaml", "Settings, if you write some. keysweep config check reads them."],
          ["identity.txt", "Opens the backups. Keep a copy elsewhere."],
          ["signing-key", "Signs the log."],
          ["plans/", "Saved plans."],
          ["credentials/", "What is known of the account and its rate limit, by a hash of the master key."],
          ["accounts/ACCOUNT/log/", "The record of everything that was done."],
          ["accounts/ACCOUNT/backups/", "Settings of keys as they were, encrypted."],
          ["accounts/ACCOUNT/inventory.json", "The last reading: what audit compares with."],
          ["accounts/ACCOUNT/scans.json", "Where the last scans found which key: what plans and show tell."]
        ]
      ]
    ]
  },
  environment: {
    about: "Variables that Keysweep reads. Secrets come from here, never from arguments.",
    sections: [
      [
        "Variables",
        [
          [
            "ELECTRONHUB_API_KEY",
            "The account's master key (ek-…). --account LABEL takes one of the settings instead."
          ],
          ["ELECTRONHUB_BASE_URL", "Another address of the API: https, or http on this machine."],
          ["KEYSWEEP_HOME", "Log, backups and plans; otherwise the state folder of the system."],
          ["KEYSWEEP_CONFIG", "The settings; otherwise keysweep.yaml in the home folder."],
          ["KEYSWEEP_SIGNING_KEY", "Signs the log instead of the key in the home folder."],
          ["KEYSWEEP_TIME_SCALE", "For an emulator only: time runs so many times as fast."],
          [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "Traces go there as OTLP over HTTP; so do OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, _HEADERS and OTEL_SERVICE_NAME."
          ],
          ["NO_COLOR, FORCE_COLOR, COLUMNS", "As everywhere."]
        ]
      ]
    ]
  }
}
