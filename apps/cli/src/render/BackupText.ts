import type { BackupManifest, BackupVerification } from "@keysweep/audit/Backup"
import type { AccountId } from "@keysweep/core/Account"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime } from "effect"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted } from "./Words.ts"

export const backupsText = (
  backups: ReadonlyArray<BackupManifest>,
  account: AccountId,
  style: Style,
  width: number
): string =>
  backups.length === 0
    ? `No backup of ${account} yet: the first run makes one.`
    : table(
        [
          { title: "BACKUP" },
          { title: "TAKEN (UTC)" },
          { title: "KEYS", right: true },
          { title: "RUN", drop: 2 },
          { title: "FOR", shrinksTo: 12, drop: 1 }
        ],
        backups.map(({ id, keys, recipients, run, takenAt }) => [
          { text: id },
          { text: DateTime.formatIso(takenAt).replace("T", " ").slice(0, 19) },
          { text: String(keys.length) },
          { text: run },
          { text: oneLine(recipients.join(", "), 200) }
        ]),
        width,
        style.bold
      )

export const backupVerifiedText = (verified: BackupVerification, style: Style): string =>
  `${style.green("✓")} ${verified.id}: ${counted(verified.keys, "key")}, whole${
    verified.opened ? ", and it opens" : "; only its outside could be checked, because the identity is not here"
  }`
