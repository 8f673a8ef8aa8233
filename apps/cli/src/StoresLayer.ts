import { Settings } from "@keysweep/revocation/Settings"
import * as Stores from "@keysweep/revocation/Stores"
import { Effect, Layer } from "effect"
import { home } from "./Environment.ts"
import { settings } from "./SettingsFile.ts"

/** Log, backups and the pacer's state, where the environment or the settings say. */
export const storesLayer = Layer.unwrapEffect(Effect.map(home, Stores.layer)).pipe(
  Layer.provide(Layer.effect(Settings, settings))
)
