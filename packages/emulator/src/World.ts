import type { StateDocument, StoredAccount } from "./AccountState.ts"
import type { FaultQueue } from "./Faults.ts"
import type { RequestLog } from "./RequestLog.ts"
import type { SecretSource } from "./SecretSource.ts"
import type { Settled } from "./Switches.ts"
import type { WallClock } from "./WallClock.ts"
import type { Bucket } from "./Window.ts"

/** Everything that one emulator knows; the only thing that its requests change. */
export interface World {
  accounts: [StoredAccount, ...Array<StoredAccount>]
  switches: Settled
  /** The switches as they were given, before defaults. */
  given: object
  /** What `POST reset` goes back to. */
  readonly seed: StateDocument
  /** Windows, cooldowns and the hour of regeneration are divided by it. */
  readonly timeScale: number
  readonly clock: WallClock
  readonly secrets: SecretSource
  readonly buckets: Map<string, Bucket>
  /** By address: the API keys seen from it. */
  readonly keysOfAddress: Map<string, Set<string>>
  readonly faults: FaultQueue
  readonly requests: RequestLog
}

export const nowSeconds = (world: World): number => Math.floor(world.clock.now() / 1000)
