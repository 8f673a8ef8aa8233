import type { AccountId } from "@keysweep/core/Account"
import { existsSync } from "node:fs"
import { join } from "node:path"

/** Where `FileBackupStore` keeps the encrypted file of a backup; nothing where backups are in a database. */
export const backupPathOf = (home: string, account: AccountId, id: string): string | undefined => {
  const path = join(home, "accounts", account, "backups", `${id}.age`)
  return existsSync(path) ? path : undefined
}
