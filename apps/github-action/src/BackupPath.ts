import type { AccountId } from "@keysweep/core/Account"
import { join } from "node:path"

/** Where `FileBackupStore` keeps the encrypted file of a backup. */
export const backupPathOf = (home: string, account: AccountId, id: string): string =>
  join(home, "accounts", account, "backups", `${id}.age`)
