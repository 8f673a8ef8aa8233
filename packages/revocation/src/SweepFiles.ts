import { Layer } from "effect"
import * as FileStores from "./FileStores.ts"
import * as SweepBase from "./SweepBase.ts"

/** Everything that a `Sweep` stands on, with its state in files of the home folder, whatever the settings say. */
export const layer = (options: SweepBase.SweepOptions) =>
  Layer.provideMerge(SweepBase.layer(options), FileStores.layer(options.home))
