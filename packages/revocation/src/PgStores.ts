import * as PgAccountMemory from "@keysweep/audit/store/PgAccountMemory"
import * as PgBackupStore from "@keysweep/audit/store/PgBackupStore"
import * as PgLogStore from "@keysweep/audit/store/PgLogStore"
import * as PgPacerStore from "@keysweep/audit/store/PgPacerStore"
import { Layer } from "effect"
import { InventoryMemory } from "./InventoryMemory.ts"
import { ScanMemory } from "./scan/ScanMemory.ts"

/**
 * Log, leases, backups and the pacer's state in one database, for all programs and machines that open it. On this machine
 * stay its signing key (unless `KEYSWEEP_SIGNING_KEY` gives one), and the last inventory, which is a convenience.
 */
export const layer = (home: string) =>
  Layer.mergeAll(
    PgLogStore.layer(home),
    PgBackupStore.layer,
    PgPacerStore.layer,
    PgAccountMemory.layer,
    InventoryMemory.layerFiles(home),
    ScanMemory.layerFiles(home)
  )
