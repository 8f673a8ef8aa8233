import { DateTime, Effect, Redacted } from "effect"
import { AccountReader } from "../../src/AccountReader.ts"
import { BulkDelete } from "../../src/BulkDelete.ts"
import { fromCredits } from "../../src/Credit.ts"
import { KeyCheck } from "../../src/KeyCheck.ts"
import { KeyMaker } from "../../src/KeyMaker.ts"
import { KeyReader } from "../../src/KeyReader.ts"
import type { KeySettings } from "../../src/KeySettings.ts"
import { KeyWriter, type WriteError } from "../../src/KeyWriter.ts"
import { MasterKey } from "../../src/MasterKey.ts"
import { keyIdOf, type ProxyKeySecret } from "../../src/ProxyKey.ts"

export const secret: ProxyKeySecret = Redacted.make("ek-proxy-1234567890abcdef")
export const target = { id: keyIdOf(secret), secret }

/** The settings of the documented example of a create. */
export const settings: KeySettings = {
  name: "Production API Key",
  expiresAt: DateTime.unsafeMake(1_735_689_600_000),
  allocated: fromCredits(100),
  models: ["gpt-4o", "claude-3-5-sonnet-20241022"],
  addresses: ["192.168.1.0/24", "203.0.113.42"],
  limitType: "monthly"
}

type Services = AccountReader | BulkDelete | KeyCheck | KeyMaker | KeyReader | KeyWriter | MasterKey

/** Every call that there is, by its name. */
export const everyCall = {
  list: Effect.flatMap(KeyReader, (it) => it.list),
  lookup: Effect.flatMap(KeyReader, (it) => it.lookup("static", secret)),
  "lookup by path": Effect.flatMap(KeyReader, (it) => it.lookup("path", secret)),
  create: Effect.flatMap(KeyMaker, (it) => it.create(settings, [])),
  update: Effect.flatMap(KeyWriter, (it) => it.update("static", target, settings)),
  "update by path": Effect.flatMap(KeyWriter, (it) => it.update("path", target, settings)),
  toggle: Effect.flatMap(KeyWriter, (it) => it.setActive("static", target, { active: true, want: false })),
  remove: Effect.flatMap(KeyWriter, (it) => it.remove("static", target)),
  "remove by path": Effect.flatMap(KeyWriter, (it) => it.remove("path", target)),
  "delete-all": Effect.flatMap(BulkDelete, (it) => it.deleteAll("static", [target.id])),
  validate: Effect.flatMap(KeyCheck, (it) => it.validate(secret, "gpt-4o")),
  user: Effect.flatMap(AccountReader, (it) => it.use),
  logs: Effect.flatMap(AccountReader, (it) => it.log),
  regenerate: Effect.flatMap(MasterKey, (it) => it.regenerate(Effect.succeed))
} as const

export const allCalls: ReadonlyArray<readonly [string, Effect.Effect<unknown, WriteError, Services>]> =
  Object.entries(everyCall)
