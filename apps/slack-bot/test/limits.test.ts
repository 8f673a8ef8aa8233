import { assert, it } from "@effect/vitest"
import { ApprovalRefused, Held, RunStarted } from "@keysweep/audit/Event"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunView } from "@keysweep/audit/Projection"
import { RunId } from "@keysweep/audit/RunId"
import { fromCredits } from "@keysweep/core/Credit"
import type { Action } from "@keysweep/revocation/Action"
import { auditOf } from "@keysweep/revocation/Audit"
import { keysLike } from "@keysweep/revocation/KeySearch"
import { SelectionRefused } from "@keysweep/revocation/Selection"
import { messageProblems, optionProblems, viewProblems } from "@keysweep/testkit/BlockLimits"
import { FastCheck } from "effect"
import type { Message, Modal } from "../src/Blocks.ts"
import { waitingMessage } from "../src/commands/approve.ts"
import { auditMessage } from "../src/commands/audit.ts"
import { previewModal } from "../src/commands/begin.ts"
import { confirmModal } from "../src/commands/confirm.ts"
import { helpMessage } from "../src/commands/help.ts"
import { holdMessage } from "../src/commands/hold.ts"
import { inventoryMessage } from "../src/commands/list.ts"
import { logMessage } from "../src/commands/log.ts"
import { keyChoice, runChoice } from "../src/commands/menu.ts"
import { choiceBlocks } from "../src/commands/panic.ts"
import { runsMessage } from "../src/commands/runs.ts"
import { evidenceMessage } from "../src/commands/show.ts"
import { ErrandId } from "../src/Errand.ts"
import { errandEndMessage, errandMessage } from "../src/ErrandMessage.ts"
import { mostChoices, optionsOf } from "../src/Fields.ts"
import { busyModal, menuModal, menuVerbs, shownModal, verbModal } from "../src/Menu.ts"
import { failureText, said } from "../src/Reply.ts"
import { blockedMessage, overMessage, overriddenMessage, requestMessage } from "../src/RunMessage.ts"
import { SlackUnavailable } from "../src/SlackApi.ts"
import { viewOf } from "../src/SlackWeb.ts"
import { account, at, hostile, idOf, inventoryOf, planOf, receiptOf, requestOf } from "./Examples.ts"

const run = RunId.make("run_0mwqx5fdh_uxjtqoff0y")
const responseUrl = "https://hooks.slack.com/commands/T024BE7LD/1234567890/abcdefghijklmnopqrstuvwx"
const people = ["slack:U024BE7LH", "github:ada"]

interface Case {
  readonly names: ReadonlyArray<string>
  readonly reason: string | null
  readonly action: Action
}

const messagesOf = ({ action, names, reason }: Case): ReadonlyArray<Message> => {
  const plan = { ...planOf(names, action, reason), overridden: ["cap"] as const }
  const request = requestOf(plan)
  const ended = requestOf(plan, receiptOf(plan))
  const inventory = inventoryOf(names)
  const [first = ""] = names
  const errand = {
    schema: "keysweep.slack-errand/1" as const,
    id: ErrandId.make("err_0mwqx5fdh_uxjtqoff0y"),
    at,
    user: first,
    channel: "C1",
    responseUrl,
    run,
    panic: { phrase: first, reason }
  }
  const ending = { outcome: "partial" as const, detail: first, receipt: receiptOf(plan) }
  return [
    requestMessage(request, { _tag: "Planned" }),
    requestMessage(request, { _tag: "Waiting", approvals: { required: 2, given: [first] } }),
    requestMessage(request, { _tag: "Running", progress: first }),
    requestMessage(ended, { _tag: "Ended" }),
    overriddenMessage(request, ["U024BE7LH", "S024BE7LH", first]),
    overMessage(ended, { ...ending, at }, [...people, `slack:${first}`]),
    blockedMessage(plan),
    inventoryMessage(inventory),
    auditMessage(auditOf({ ...inventory, keys: inventory.keys.map((key) => ({ ...key, findings: ["any-address"] })) })),
    ...inventory.keys.slice(0, 1).map((key) =>
      evidenceMessage({
        schema: "keysweep.evidence/1",
        key: { ...key, models: names, addresses: names },
        owner: first,
        criticality: null,
        spentSince: null,
        stored: "unknown",
        requests: {
          from: at,
          to: at,
          count: 1,
          refused: 0,
          spent: fromCredits(1),
          lastAt: at,
          models: names,
          addresses: names
        },
        sameName: inventory.keys.map(({ id }) => id)
      })
    ),
    logMessage(names.map((name, seq) => recordOf(seq, name))),
    runsMessage(names.map(runOf), { keys: [], next: null }),
    waitingMessage(names.slice(0, 50).map(() => request)),
    holdMessage(first, true, first, reason ?? ""),
    holdMessage("U024BE7LH", false, first, first),
    errandMessage(errand, first),
    errandEndMessage(errand, ending),
    helpMessage(true),
    helpMessage(false, first),
    said(first),
    said(failureText(new SlackUnavailable({ method: "chat.postMessage", reason: first, retryAfterMillis: null }))),
    said(
      failureText(
        new SelectionRefused({
          detail: first,
          candidates: names.slice(0, 5).map((name, number) => ({ id: idOf(number), name })),
          place: null
        })
      )
    )
  ]
}

const modalsOf = ({ action, names, reason }: Case): ReadonlyArray<Modal> => {
  const request = requestOf(planOf(names, action, reason))
  const subject = { channel: "C024BE7LR", responseUrl, verb: null }
  const keys = names.map((name, number) => ({ id: idOf(number), name }))
  const choice = { way: "delete" as const, account, keys, method: "each" as const, asOf: at, requests: 3, seconds: 9 }
  const panic = [{ ...choice, skipped: keys.map((key) => ({ ...key, reason: key.name })), phrase: "panic delete 2" }]
  return [
    confirmModal(request),
    previewModal(request, responseUrl),
    menuModal(subject),
    ...menuVerbs.flatMap((verb) => [
      verbModal(subject, verb, names.slice(0, 300).map(runOf).map(runChoice)),
      busyModal(verb),
      shownModal(verb, said(names[0] ?? "").blocks)
    ]),
    { ...busyModal("panic"), submit: "Stop every key", blocks: choiceBlocks(panic) }
  ]
}

const recordOf = (seq: number, name: string): LogRecord => ({
  seq,
  at,
  account,
  run,
  fence: null,
  actor: { name, authenticated: true },
  surface: "slack",
  event:
    seq % 2 === 0
      ? Held.make({ plan: null, why: name })
      : ApprovalRefused.make({ plan: "f".repeat(64), approver: { name, authenticated: true }, why: name }),
  prev: "",
  hash: ""
})

const runOf = (name: string, number: number): RunView => ({
  id: RunId.make(`run_0mwqx5fdh_${String(number).padStart(10, "0")}`),
  started: RunStarted.make({ plan: "", digest: "", action: name, keys: [], reason: name }),
  renewsMasterKey: false,
  startedAt: at,
  actor: { name, authenticated: true },
  surface: "slack",
  backups: [],
  finished: { outcome: name, at },
  calls: []
})

/** Everything in it that Slack reads as markup: notifications too. */
const markupIn = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(markupIn)
  if (typeof value !== "object" || value === null) return []
  const own = "type" in value && value.type === "mrkdwn" && "text" in value ? [String(value.text)] : []
  return [...own, ...Object.values(value).flatMap(markupIn)]
}

const ours = /<(?:@U024BE7LH|!subteam\^S024BE7LH)>/g

it("every message, form and choice keeps Slack's limits, mentions and formats nothing of others, and holds no secret", () => {
  const words = FastCheck.oneof(
    hostile,
    FastCheck.constantFrom("ek-proxy-plantedplanted12", "ek-plantedplantedplantedplanted", "<", "name:")
  )
  const text = FastCheck.tuple(
    FastCheck.array(words, { minLength: 1, maxLength: 4 }),
    FastCheck.constantFrom("", " ", "\n")
  )
  const name = text.map(([all, between]) => all.join(between))
  const cases = FastCheck.record({
    names: FastCheck.oneof(
      { arbitrary: FastCheck.array(name, { minLength: 1, maxLength: 60 }), weight: 4 },
      { arbitrary: name.map((one) => Array.from({ length: 300 }, () => one)), weight: 1 }
    ),
    reason: FastCheck.option(name),
    action: FastCheck.constantFrom<Action>("disable", "enable", "contain", "delete", "delete-all")
  })
  const examples: Array<[Case]> = [
    [{ names: Array.from({ length: 2000 }, () => "&".repeat(60)), reason: "<!channel>", action: "delete" }]
  ]
  FastCheck.assert(
    FastCheck.property(cases, (it) => {
      const [messages, modals] = [messagesOf(it), modalsOf(it)]
      const inventory = inventoryOf(it.names)
      const options = optionsOf(keysLike(inventory, "", mostChoices).map(keyChoice))
      const views = modals.map(viewOf).map((view) => JSON.parse(JSON.stringify(view)))
      assert.deepStrictEqual(
        [
          ...messages.flatMap(({ blocks, text }) => messageProblems(text, JSON.parse(JSON.stringify(blocks)))),
          ...views.flatMap(viewProblems),
          ...optionProblems(options)
        ],
        []
      )
      const read = [...markupIn([messages, views]), ...messages.map(({ text }) => text)]
      assert.deepStrictEqual(
        read.filter((it) => it.replaceAll(ours, "").includes("<")),
        []
      )
      assert.notInclude(JSON.stringify([messages, views, options]), "planted")
    }),
    { numRuns: 12, seed: 12, examples }
  )
})
