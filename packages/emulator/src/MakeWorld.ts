import { createHash } from "node:crypto"
import { Either, ParseResult, Redacted, Schema } from "effect"
import type { StateInput } from "./AccountState.ts"
import { copyAccounts, StateDocument } from "./AccountState.ts"
import { EmulatorFailed } from "./EmulatorFailed.ts"
import { Fault, type FaultInput, makeFaultQueue } from "./Faults.ts"
import { makeRequestLog } from "./RequestLog.ts"
import { makeSecretSource, type SecretSource } from "./SecretSource.ts"
import { demoSeed, emptySeed } from "./Seed.ts"
import { settle, type SwitchOptions, Switches } from "./Switches.ts"
import { makeWallClock } from "./WallClock.ts"
import type { World } from "./World.ts"

export interface WorldOptions extends SwitchOptions {
  /** `demo` (default): a dozen keys that a person would recognise; `empty`: none; or a state document. */
  readonly seed?: "demo" | "empty" | StateInput | undefined
  /** The first account's master key; else the seed's, else random. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** The same secrets on every start for the same text; for tests. */
  readonly seedSecret?: string | undefined
  /** Keys of somebody else, for 403; 2 in the demo seed, else 0. */
  readonly foreignKeys?: number | undefined
  /** Divides the window, the cooldown and the hour of regeneration; numbers in messages stay. */
  readonly timeScale?: number | undefined
  /** Faults that wait from the start. */
  readonly faults?: ReadonlyArray<FaultInput> | undefined
}

/** A world as the options ask for it. `kept` is the state out of `--data FILE`, which goes before the seed. */
export const makeWorld = (options: WorldOptions, kept?: StateDocument): Either.Either<World, EmulatorFailed> =>
  Either.gen(function* () {
    const switches = settle(yield* decode(Switches, options))
    const faults = yield* decode(Schema.Array(Fault), options.faults ?? [])
    const timeScale = options.timeScale ?? 1
    if (!(timeScale > 0 && Number.isFinite(timeScale))) {
      return yield* Either.left(new EmulatorFailed({ detail: "The time scale must be a positive number." }))
    }
    const secrets = makeSecretSource(options.seedSecret)
    const clock = makeWallClock()
    const seed = yield* seedOf(options, switches, secrets, clock.now(), kept)
    const queue = makeFaultQueue()
    queue.set(faults)
    return {
      accounts: copyAccounts(kept === undefined ? seed : identified(kept)),
      switches,
      given: options,
      seed,
      timeScale,
      clock,
      secrets,
      buckets: new Map(),
      keysOfAddress: new Map(),
      faults: queue,
      requests: makeRequestLog()
    }
  })

const seedOf = (
  options: WorldOptions,
  switches: Switches,
  secrets: SecretSource,
  now: number,
  kept: StateDocument | undefined
): Either.Either<StateDocument, EmulatorFailed> =>
  Either.gen(function* () {
    const given = typeof options.apiKey === "object" ? Redacted.value(options.apiKey) : options.apiKey
    const seed = options.seed ?? "demo"
    // With a data file the printed key must go on to work after a reset.
    const apiKey = given ?? kept?.accounts[0].apiKey
    const making = {
      apiKey: apiKey ?? secrets.masterKey(),
      secrets,
      nowSeconds: Math.floor(now / 1000),
      foreignKeys: options.foreignKeys ?? (seed === "demo" ? 2 : 0)
    }
    const made =
      seed === "demo" ? demoSeed(making) : seed === "empty" ? emptySeed(making) : yield* decode(StateDocument, seed)
    const [first, ...others] = made.accounts
    const own = { ...first, apiKey: apiKey ?? first.apiKey, plan: switches.plan ?? first.plan }
    return identified({ accounts: [own, ...others] })
  })

/** Every account needs an identity that outlives its master key. */
const identified = (document: StateDocument): StateDocument => {
  const [first, ...others] = document.accounts
  return { accounts: [withUserId(first), ...others.map(withUserId)] }
}

const withUserId = (account: StateDocument["accounts"][number]): StateDocument["accounts"][number] => ({
  ...account,
  userId: account.userId ?? `user_${createHash("sha256").update(account.apiKey).digest("hex").slice(0, 12)}`
})

/** The failure names fields, never what was in them: seeds hold secrets. */
const decode = <A, I>(schema: Schema.Schema<A, I>, value: unknown): Either.Either<A, EmulatorFailed> =>
  Schema.decodeUnknownEither(schema)(value).pipe(
    Either.mapLeft((error) => {
      const fields = ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => issue.path.join("."))
      return new EmulatorFailed({ detail: `Not a valid value: ${[...new Set(fields)].slice(0, 3).join(", ")}` })
    })
  )
