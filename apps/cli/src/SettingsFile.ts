import type { Settings, SettingsRefused } from "@keysweep/revocation/Settings"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Effect } from "effect"
import { home } from "./Environment.ts"

/** The settings of the environment's file; none where no file is named and none is there. */
export const settings: Effect.Effect<typeof Settings.Service, SettingsRefused> = Effect.flatMap(home, (folder) =>
  readSettings(folder)
)

/** Keys that may have begun another home's log; `undefined`: the settings trust any. */
export const trustedSigners: Effect.Effect<ReadonlyArray<string> | undefined, SettingsRefused> = Effect.map(
  settings,
  ({ signers }) => (signers.length === 0 ? undefined : signers)
)
