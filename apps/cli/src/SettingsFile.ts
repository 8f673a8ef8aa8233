import type { Settings, SettingsRefused } from "@keysweep/revocation/Settings"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Effect } from "effect"
import { home } from "./Environment.ts"

/** The settings of the environment's file; none where no file is named and none is there. */
export const settings: Effect.Effect<typeof Settings.Service, SettingsRefused> = Effect.flatMap(home, (folder) =>
  readSettings(folder)
)
