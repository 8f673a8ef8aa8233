import { Layer } from "effect"
import * as Stores from "./Stores.ts"
import * as SweepBase from "./SweepBase.ts"

/** Everything that a `Sweep` stands on, with its state where the environment or the settings say: what surfaces use. */
export const layer = (options: SweepBase.SweepOptions) =>
  Layer.provideMerge(SweepBase.layer(options), Stores.layer(options.home))

/** What many accounts of one home share, to be built once and given to each `SweepBase.layerAccount`. */
export const layerCommon = (options: Pick<SweepBase.SweepOptions, "home" | "reveal">) =>
  Layer.provideMerge(SweepBase.layerCommon(options), Stores.layer(options.home))
