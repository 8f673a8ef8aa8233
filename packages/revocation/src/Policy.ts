import { PolicyApplied } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { canonicalJson } from "@keysweep/core/Canonical"
import { Duration, Effect, Either, Schema } from "effect"
import { Action } from "./Action.ts"
import type { GateResult } from "./GateResult.ts"
import { approvalsNeeded, rulesOf, Settings } from "./Settings.ts"
import { SettingsContent } from "./SettingsContent.ts"

/** The settings of the account's last run, where there were any that this version can read. */
export const lastPolicy = (
  records: ReadonlyArray<LogRecord>
): { readonly digest: string; readonly content: SettingsContent | null } | null => {
  const last = records.flatMap(({ event }) => (event._tag === "PolicyApplied" ? [event] : [])).at(-1)
  if (last === undefined) return null
  const content = Schema.decodeUnknownEither(SettingsContent)(last.policy)
  return { digest: last.digest, content: Either.getOrNull(content) }
}

/**
 * The gate's check "policy": an account that was run under settings is not run without them, or under looser ones,
 * until somebody overrides it with a reason. Whoever wants to get round a rule could otherwise just leave the file out.
 */
export const policyCheck = (settings: typeof Settings.Service, records: ReadonlyArray<LogRecord>): GateResult => {
  const last = lastPolicy(records)
  if (last === null || last.digest === settings.source?.digest) {
    return {
      check: "policy",
      result: "pass",
      detail: last === null ? "no earlier run under settings" : "as in the last run",
      lift: null
    }
  }
  const looser =
    last.content === null
      ? ["the settings of the last run cannot be read by this version"]
      : loosened(last.content, settings)
  return looser.length === 0
    ? { check: "policy", result: "pass", detail: "no looser than in the last run", lift: null }
    : {
        check: "policy",
        result: "block",
        detail: `looser than in the last run: ${looser.join("; ")}`,
        lift: "run with the settings of before, or override it with a reason"
      }
}

/** In which respects settings allow more than others did. */
export const loosened = (before: SettingsContent, now: SettingsContent): ReadonlyArray<string> => {
  const missing = <A>(was: ReadonlyArray<A>, is: ReadonlyArray<A>, text: (it: A) => string) => {
    const kept = new Set(is.map((it) => canonicalJson(it)))
    return was.filter((it) => !kept.has(canonicalJson(it))).map(text)
  }
  const fewerApprovals = Action.literals.flatMap((action) => {
    const was = approvalsNeeded(before, action)
    const is = approvalsNeeded(now, action)
    return is < was ? [`${action} needed ${was} approvals and needs ${is}`] : []
  })
  const encoded = { before: Schema.encodeSync(SettingsContent)(before), now: Schema.encodeSync(SettingsContent)(now) }
  const approvers = Action.literals.some((action) => approvalsNeeded(before, action) > 0)
  return [
    ...fewerApprovals,
    // Who may approve, and by which names, decides what an approval is worth.
    ...(approvers ? missing(now.people, before.people, ({ name }) => `${name} can approve`) : []),
    ...raised("cap", before.caps.count, now.caps.count),
    ...raised("cap in percent", before.caps.percent, now.caps.percent),
    ...(before.caps.percent === undefined
      ? []
      : raised("number of keys from which that cap counts", before.caps.minimum, now.caps.minimum)),
    ...(Duration.lessThan(now.liveUse, before.liveUse) ? ["a use counts as live for a shorter time"] : []),
    ...before.block.filter((check) => !now.block.includes(check)).map((check) => `"${check}" does not block any more`),
    // What does not block cannot be got round.
    ...now.overridable
      .filter((check) => check === "cap" || before.block.includes(check))
      .filter((check) => !before.overridable.includes(check))
      .map((check) => `"${check}" can be overridden`),
    ...missing(
      encoded.before.protected ?? [],
      encoded.now.protected ?? [],
      (it) => `the protection of ${it.key ?? it.name ?? ""} is gone`
    ),
    ...missing(
      now.automatic,
      before.automatic,
      ({ action, finding }) => `${action} of what is ${finding} has become automatic`
    ),
    ...missing(
      now.leaks,
      before.leaks,
      ({ action, from }) =>
        `${action} of what is leaked${from === undefined ? "" : ` by ${from.join(", ")}`} has become automatic`
    ),
    ...missing(encoded.before.soak ?? [], encoded.now.soak ?? [], (it) => `the soak of ${it.time} is gone`),
    ...(before.origin === undefined || now.origin === before.origin || now.origin === "ref"
      ? []
      : [`a plan of another ${before.origin} can be applied`]),
    ...missing(encoded.before.notices ?? [], encoded.now.notices ?? [], (it) => `the notice to ${it.name} is gone`)
  ]
}

const raised = (what: string, was: number | undefined, is: number | undefined): ReadonlyArray<string> =>
  was !== undefined && (is === undefined || is > was) ? [`the ${what} was ${was} and is ${is ?? "gone"}`] : []

/** Puts the settings of this run on record, where they are not those of the last one. */
export const recordPolicy = (records: ReadonlyArray<LogRecord>, run: RunId) =>
  Effect.gen(function* () {
    const { source, ...content } = yield* Settings
    const last = lastPolicy(records)
    const digest = source?.digest ?? "none"
    if ((last === null && source === null) || last?.digest === digest) return
    const log = yield* Log
    yield* log.append(PolicyApplied.make({ digest, policy: rulesOf(content) }), run)
  })
