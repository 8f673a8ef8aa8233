import * as FileAccountMemory from "@keysweep/audit/store/FileAccountMemory"
import * as FileBackupStore from "@keysweep/audit/store/FileBackupStore"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"
import { Layer } from "effect"
import { InventoryMemory } from "./InventoryMemory.ts"
import { ScanMemory } from "./scan/ScanMemory.ts"

/** Every store as files of one folder: for the processes of one machine. */
export const layer = (home: string) =>
  Layer.mergeAll(
    FileLogStore.layer(home),
    FileBackupStore.layer(home),
    FilePacerStore.layer(home),
    FileAccountMemory.layer(home),
    InventoryMemory.layerFiles(home),
    ScanMemory.layerFiles(home)
  )
