import { Layer } from "effect"
import * as Stores from "./Stores.ts"
import * as SweepBase from "./SweepBase.ts"

/** Everything that a `Sweep` stands on, with its state where the environment or the settings say: what surfaces use. */
export const layer = (options: SweepBase.SweepOptions) =>
  Layer.provideMerge(SweepBase.layer(options), Stores.layer(options.home))
