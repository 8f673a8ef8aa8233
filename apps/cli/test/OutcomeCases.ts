import type { Outcome } from "@keysweep/revocation/Outcome"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  aHome,
  apply,
  list,
  meanwhile,
  one,
  other,
  plan,
  refusal,
  removal,
  two,
  withoutRoomFor,
  world
} from "./OutcomeWorld.ts"
import type { Ran } from "./World.ts"

export interface Case {
  readonly outcome: Outcome
  readonly when: string
  readonly says: RegExp
  /** What it says of what was changed. */
  readonly told?: RegExp
  /** The keys that are other than before, or no more; a number where it may be any so many. */
  readonly changed?: ReadonlyArray<string> | number
  /** `form`: no words, or `--json`. */
  readonly reach: (form: ReadonlyArray<string>) => Promise<Ran>
}

export const cases: ReadonlyArray<Case> = [
  {
    outcome: "done",
    when: "every planned key is gone, and a fresh reading proves it",
    says: /✓ 2 of 2 keys deleted, proven by a fresh reading/,
    told: /^github-ci +deleted [\s\S]*^staging +deleted /m,
    changed: ["github-ci", "staging"],
    reach: async (form) => apply(await plan(two), form)
  },
  {
    outcome: "nothing",
    when: "a filter matches no key (I3)",
    says: /Nothing to do: /,
    reach: (form) => world.run(["delete", "--name", "zzz-*", "--reason", "test", ...form])
  },
  {
    outcome: "partial",
    when: "the upstream refuses one key of two",
    says: /✗ Done in part: 1 of 2 keys deleted/,
    told: /^(github-ci|staging) +failed [\s\S]*^(github-ci|staging) +deleted |^staging +failed /m,
    changed: 1,
    reach: async (form) => {
      const saved = await plan(two)
      await world.control("faults", [{ match: removal, ...refusal }])
      return apply(saved, form)
    }
  },
  {
    outcome: "partial",
    when: "a record of the list cannot be read",
    says: /1 record of the list could not be read/,
    reach: async (form) => {
      await world.control("faults", [{ match: list, kind: "status", status: 200, body: [{ name: "no key" }] }])
      return world.run(["plan", "delete", "--all", "--reason", "test", ...form])
    }
  },
  {
    outcome: "failed",
    when: "the upstream refuses the only key",
    says: /✗ Not done \(failed\): 0 of 1 key deleted/,
    told: /^staging +failed /m,
    reach: async (form) => {
      const saved = await plan(one)
      await world.control("faults", [{ match: removal, ...refusal }])
      return apply(saved, form)
    }
  },
  {
    outcome: "failed",
    when: "nothing answers at the base URL",
    says: /ECONNREFUSED/,
    reach: (form) => world.run(["list", ...form], { env: { ELECTRONHUB_BASE_URL: "http://127.0.0.1:9/v1" } })
  },
  {
    outcome: "unverified",
    when: "the keys are gone, but no reading proves it",
    says: /✗ Not proven: 0 of 2 keys deleted/,
    told: /^github-ci +unverified [\s\S]*^staging +unverified /m,
    changed: ["github-ci", "staging"],
    reach: async (form) => {
      const saved = await plan(two)
      await world.control("faults", [
        { match: list, skip: 1, times: 9, kind: "status", status: 200, body: { html: true } }
      ])
      return apply(saved, form)
    }
  },
  {
    outcome: "refused",
    when: "an option is not known",
    says: /Unknown option "--al"/,
    reach: (form) => world.run(["delete", "--al", ...form])
  },
  {
    outcome: "refused",
    when: "no target is named (I3)",
    says: /Nothing selects the keys/,
    reach: (form) => world.run(["delete", "--reason", "test", ...form])
  },
  {
    outcome: "refused",
    when: "a key that is named does not exist (I3)",
    says: /no-such-key/,
    reach: (form) => world.run(["delete", "--key", "no-such-key", "--reason", "test", ...form])
  },
  {
    outcome: "refused",
    when: "there is nobody to confirm",
    says: /there is no terminal, and a pipe cannot confirm/,
    reach: (form) => world.run(["delete-all", "--reason", "test", ...form], { input: "y\n" })
  },
  {
    outcome: "blocked",
    when: "a check of the settings is not passed",
    says: /A check blocks this\.\s+second person: 0 of 1 approvals/,
    reach: async (form) => {
      const home = aHome()
      const env = { KEYSWEEP_HOME: home }
      writeFileSync(join(home, "keysweep.yaml"), "people: [{ name: Ada, slack: U1 }]\napprovals: { delete: 1 }\n")
      return apply(await plan(one, { env }), form, { env })
    }
  },
  {
    outcome: "blocked",
    when: "somebody has objected",
    says: /A check blocks this\.\s+hold: not before Friday/,
    reach: async (form) => {
      const env = { KEYSWEEP_HOME: aHome() }
      const saved = await plan(one, { env })
      await world.run(["hold", "--reason", "not before Friday"], { env })
      return apply(saved, form, { env })
    }
  },
  {
    outcome: "stale",
    when: "the file was edited",
    says: /its hash no longer fits/,
    reach: async (form) => {
      const { file, hash } = await plan(one)
      writeFileSync(join(world.folder, "edited.json"), readFileSync(file, "utf8").replace('"test"', '"edited"'))
      return world.run(["apply", "edited.json", "--confirm", hash, ...form])
    }
  },
  {
    outcome: "stale",
    when: "another plan was confirmed",
    says: /The confirmed hash is not this plan's/,
    reach: async (form) => {
      const [{ file }, { hash }] = await Promise.all([plan(one), plan(two)])
      return world.run(["apply", file, "--confirm", hash, ...form])
    }
  },
  {
    outcome: "stale",
    when: "the plan has run already (I11)",
    says: /applied already, by run_/,
    changed: ["staging"],
    reach: async (form) => {
      const saved = await plan(one)
      await apply(saved, [])
      return apply(saved, form)
    }
  },
  {
    outcome: "stale",
    when: "the plan has expired",
    says: /The plan expired at /,
    // A lifetime of a day is a moment where the clock runs a million times as fast.
    reach: async (form) => apply(await plan(one, { env: { KEYSWEEP_TIME_SCALE: "1000000" } }), form)
  },
  {
    outcome: "stale",
    when: "the plan is another account's",
    says: /The plan is for acct_[a-z2-7]{16}, the master key for acct_/,
    reach: async (form) =>
      apply(await plan(one), form, { env: { ELECTRONHUB_BASE_URL: other.url, ELECTRONHUB_API_KEY: other.apiKey } })
  },
  {
    outcome: "stale",
    when: "a planned key has changed since (I11)",
    says: /staging \(kf_[a-z2-7]{16}\): active: true → false/,
    changed: ["staging"],
    reach: async (form) => {
      const saved = await plan(one)
      await apply(await plan(["disable", "--key", "staging"]), [])
      return apply(saved, form)
    }
  },
  {
    outcome: "credentials",
    when: "the upstream does not know the master key",
    says: /refused the master key \(401 on list\)/,
    reach: (form) => world.run(["list", ...form], { env: { ELECTRONHUB_API_KEY: "ek-0000000000000000" } })
  },
  {
    outcome: "credentials",
    when: "the master key loses its permission in the middle of a run",
    says: /✗ Not done \(credentials\): /,
    told: /^staging +(failed|not done) /m,
    reach: async (form) => {
      const saved = await plan(one)
      await world.control("faults", [{ match: removal, kind: "status", status: 403 }])
      return apply(saved, form)
    }
  },
  {
    outcome: "limit",
    when: "another run holds the account",
    says: /is held by os:/,
    reach: async (form) => {
      const env = { KEYSWEEP_HOME: aHome() }
      const [saved, late] = [await plan(one, { env }), await plan(two, { env })]
      const { result } = await meanwhile(
        (kill) => apply(saved, [], { env, kill }),
        () => apply(late, form, { env })
      )
      return result
    }
  },
  {
    outcome: "limit",
    when: "the upstream locks the account out in the middle of a run",
    says: /✗ Not done \(limit\): /,
    told: /^staging +(failed|not done) /m,
    reach: async (form) => {
      const saved = await plan(one)
      await world.control("faults", [{ match: removal, kind: "status", status: 429, times: 9 }])
      return apply(saved, form)
    }
  },
  {
    outcome: "records",
    when: "the log cannot be written (I9)",
    says: /The log is not available/,
    reach: async (form) => {
      const saved = await plan(one)
      return apply(saved, form, withoutRoomFor("accounts", saved.account, "log"))
    }
  },
  {
    outcome: "records",
    when: "no backup can be taken (I9)",
    says: /The backup is not available/,
    reach: async (form) => {
      const saved = await plan(one)
      return apply(saved, form, withoutRoomFor("accounts", saved.account, "backups"))
    }
  },
  {
    outcome: "findings",
    when: "a finding is as bad as --fail-on says",
    says: /^error /m,
    told: /^(?![\s\S]*Changed:)/,
    reach: (form) => world.run(["audit", "--fail-on", "error", ...form])
  },
  {
    outcome: "interrupted",
    when: "Ctrl-C in the middle of a run",
    says: /Interrupted\.[\s\S]*keysweep resume/,
    told: /Changed: /,
    changed: ["staging"],
    reach: async (form) => {
      const env = { KEYSWEEP_HOME: aHome() }
      const saved = await plan(one, { env })
      const { first } = await meanwhile(
        (kill) => apply(saved, form, { env, kill }),
        () => Promise.resolve(),
        { fault: { kind: "delay", ms: 4000 }, signal: "SIGINT" }
      )
      return first
    }
  }
]
