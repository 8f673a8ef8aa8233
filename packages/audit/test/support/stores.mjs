// The stores of a place, for child processes.
import { Layer, Redacted } from "effect"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"

export const storesAt = async (address, options) => {
  const { home, url } = JSON.parse(address)
  if (url === undefined) return Layer.merge(FileLogStore.layer(home, options), FilePacerStore.layer(home))
  const [database, log, pacer] = await Promise.all([
    import("@keysweep/audit/store/PgDatabase"),
    import("@keysweep/audit/store/PgLogStore"),
    import("@keysweep/audit/store/PgPacerStore")
  ])
  return Layer.provide(Layer.merge(log.layer(home), pacer.layer), database.layer(Redacted.make(url)))
}
