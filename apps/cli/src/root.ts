import { apply } from "./commands/act/apply.ts"
import { deleteKeys } from "./commands/act/delete.ts"
import { deleteAll } from "./commands/act/deleteAll.ts"
import { disable } from "./commands/act/disable.ts"
import { enable } from "./commands/act/enable.ts"
import { backupList } from "./commands/backup/list.ts"
import { backupVerify } from "./commands/backup/verify.ts"
import { demo } from "./commands/learn/demo.ts"
import { emulator } from "./commands/learn/emulator.ts"
import { logShow } from "./commands/log/show.ts"
import { logVerify } from "./commands/log/verify.ts"
import { list } from "./commands/look/list.ts"
import { planDelete, planDeleteAll, planDisable, planEnable } from "./commands/plan/make.ts"
import { planShow } from "./commands/plan/show.ts"
import { group } from "./Tree.ts"

/** The commands, in the order in which help shows them. */
export const root = group(
  "keysweep",
  "Take Electron Hub proxy keys out of service safely: plan, back up, confirm, revoke, prove.",
  list,
  group("plan", "Save a plan to act on keys. Changes nothing.", planDelete, planDeleteAll, planDisable, planEnable, planShow),
  apply,
  disable,
  enable,
  deleteKeys,
  deleteAll,
  group("backup", "The settings of keys as they were before each run.", backupList, backupVerify),
  group("log", "The record of everything that was done.", logShow, logVerify),
  demo,
  emulator
)
