import { Operator } from "@keysweep/audit/Actor"
import { openBundle } from "@keysweep/audit/Bundle"
import type { Verification } from "@keysweep/audit/Chain"
import { Log } from "@keysweep/audit/Log"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import { AccountId } from "@keysweep/core/Account"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Effect, Either, Layer, Option, Schema } from "effect"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { FileRefused, RecordsRefused } from "../ActionError.ts"
import type { Inputs } from "../Inputs.ts"
import { Records } from "../Records.ts"
import type { Failure } from "../Report.ts"
import type { Result, Step } from "../Step.ts"
import { logSummary } from "../Summary.ts"
import { githubUser } from "../Workflow.ts"

/** Checks a log from its first record to its signed last. Sends nothing, and needs no master key: an auditor has none. */
export const verifyLog = ({ home, inputs, place }: Step): Effect.Effect<Result, Failure, Records> =>
  Effect.gen(function* () {
    const anchor = inputs.anchor || undefined
    const { account, verification } =
      inputs["log-bundle"] === ""
        ? yield* here(home, anchor).pipe(Effect.provideService(Operator, githubUser(place.actor)))
        : yield* inBundle(inputs, home, anchor)
    const line = verification.ok
      ? `The log of ${account} is sound: ${verification.records} records, signed by ${verification.signer ?? "nobody"}`
      : `The log of ${account} is not what was written, from record ${verification.seq}: ${verification.detail}`
    return {
      outcome: verification.ok ? "done" : "records",
      counts: { records: verification.ok ? verification.records : 0 },
      line,
      summary: logSummary(line, verification.ok, anchor !== undefined),
      ...(verification.ok && verification.anchor !== null ? { anchor: verification.anchor } : {})
    }
  })

interface Verified {
  readonly account: string
  readonly verification: Verification
}

const inBundle = (
  inputs: Inputs,
  home: string,
  anchor: string | undefined
): Effect.Effect<Verified, Failure, Records> =>
  Effect.gen(function* () {
    const records = yield* Records
    const { signers } = yield* readSettings(home, inputs.settings || undefined)
    const path = inputs["log-bundle"]
    const text = yield* records.read(path)
    const opened = openBundle(Buffer.from(text, "utf8"), {
      anchor,
      trusted: signers.length === 0 ? undefined : signers
    })
    const { header, verification } = yield* Either.mapLeft(
      opened,
      (reason) => new FileRefused({ detail: `${path} is no exported log: ${reason}.` })
    )
    return { account: header.account, verification }
  })

const here = (home: string, anchor: string | undefined): Effect.Effect<Verified, Failure, Operator> =>
  Effect.gen(function* () {
    const names = yield* Effect.orElseSucceed(
      Effect.tryPromise(() => readdir(join(home, "accounts"))),
      () => []
    )
    const [account, ...others] = names.flatMap((name) => Option.toArray(Schema.decodeUnknownOption(AccountId)(name)))
    if (account === undefined || others.length > 0) {
      return yield* new RecordsRefused({
        detail: `There is ${account === undefined ? "no log" : "more than one log"} here: give log-bundle, the home folder of one account, or the state-in that a step has left.`
      })
    }
    const log = Log.layer(account).pipe(Layer.provide(FileLogStore.layer(home)))
    const verification = yield* Effect.provide(
      Effect.flatMap(Log, (it) => it.verify(anchor)),
      log
    )
    return { account, verification }
  })
