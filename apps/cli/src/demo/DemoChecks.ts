import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import type { Emulator } from "@keysweep/emulator/Emulator"
import type { Plan } from "@keysweep/revocation/Plan"
import { Effect, Either, Schema } from "effect"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { counted } from "../render/Words.ts"

type State = Effect.Effect.Success<(typeof Emulator.Service)["state"]>
type Requests = Effect.Effect.Success<(typeof Emulator.Service)["requests"]>

export interface Evidence {
  readonly plan: Plan
  readonly before: State
  readonly after: State
  readonly requests: Requests
  /** Documents that commands printed; `null` where the command that acts did not end with exit code 0. */
  readonly records: { readonly backups: string; readonly verification: string; readonly log: string } | null
  /** Everything that was written. */
  readonly folder: string
}

export interface Check {
  readonly holds: boolean
  readonly text: string
}

/** What the demo claims, each claim judged by the emulator's own state and by the files. */
export const checksOf = (evidence: Evidence): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.map(secretsWritten(evidence), (written) => [
    ...(evidence.records === null ? untouched(evidence) : acted(evidence, evidence.records)),
    {
      holds: evidence.requests.every(({ status }) => status !== 429),
      text: `the rate limit was never exceeded: ${counted(evidence.requests.length, "request")}, none refused`
    },
    { holds: written === 0, text: "no key's secret stands in plan, log, backup or any other file" }
  ])

const acted = (
  { plan, before, after }: Evidence,
  { backups, log, verification }: NonNullable<Evidence["records"]>
): ReadonlyArray<Check> => {
  const planned = new Set<string>(plan.keys.map(({ id }) => id))
  const [was] = before.accounts
  const [is] = after.accounts
  const kept = was.keys.filter(({ key }) => !planned.has(idOf(key)))
  const back = is.balance - was.balance
  const expected = plan.creditExpected / 1_000_000
  return [
    {
      holds: planned.size > 0 && was.keys.length - kept.length === planned.size && same(kept, is.keys),
      text: `exactly the ${counted(planned.size, "planned key")} are gone; the other ${kept.length} are as they were`
    },
    {
      holds: Math.abs(back - expected) < 0.005,
      text: `${expected.toFixed(2)} credits are back in the account's balance`
    },
    {
      holds: documentOf(Backups, backups).backups.some(({ keys, opened }) => opened && keys === planned.size),
      text: "the backup of their settings is whole, and it opens"
    },
    {
      holds: documentOf(Verified, verification).ok && sameIds(planned, retiredIn(documentOf(Log, log))),
      text: "the log verifies, and it names each of these keys as deleted"
    }
  ]
}

const Backups = Schema.Struct({ backups: Schema.Array(Schema.Struct({ keys: Schema.Int, opened: Schema.Boolean })) })
const Verified = Schema.Struct({ ok: Schema.Boolean })
const Retired = Schema.TaggedStruct("KeyRetired", {
  how: Schema.Literal("deleted"),
  key: Schema.Struct({ id: Schema.String })
})
const Log = Schema.Struct({ records: Schema.Array(Schema.Struct({ event: Schema.Unknown })) })

/** A document that a command printed; one that cannot be read is a fault of this program. */
const documentOf = <A, I>(schema: Schema.Schema<A, I>, text: string): A =>
  Schema.decodeUnknownSync(Schema.parseJson(schema))(text)

const retiredIn = ({ records }: typeof Log.Type): ReadonlySet<string> =>
  new Set(records.flatMap(({ event }) => (Schema.is(Retired)(event) ? [event.key.id] : [])))

const sameIds = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((id) => b.has(id))

const untouched = ({ before, after }: Evidence): ReadonlyArray<Check> => [
  {
    holds: same(before.accounts[0].keys, after.accounts[0].keys),
    text: "nothing was confirmed, and every key is as it was"
  }
]

const same = (a: State["accounts"][0]["keys"], b: State["accounts"][0]["keys"]): boolean => {
  const texts = (keys: State["accounts"][0]["keys"]) => keys.map((key) => JSON.stringify(key)).sort()
  return JSON.stringify(texts(a)) === JSON.stringify(texts(b))
}

const idOf = (secret: string): string => Either.match(proxyKeySecret(secret), { onLeft: () => "", onRight: keyIdOf })

/** How many files hold a secret of the account. */
const secretsWritten = ({ before, folder }: Evidence): Effect.Effect<number> =>
  Effect.gen(function* () {
    const secrets = before.accounts.flatMap(({ apiKey, keys }) => [apiKey, ...keys.map(({ key }) => key)])
    const entries = yield* Effect.promise(() => readdir(folder, { recursive: true, withFileTypes: true }))
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const texts = yield* Effect.forEach(files, (file) => Effect.promise(() => readFile(file, "latin1")))
    return texts.filter((text) => secrets.some((secret) => text.includes(secret))).length
  })
