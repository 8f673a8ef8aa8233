import { accountIdOf } from "@keysweep/core/Account"
import { fromCredits } from "@keysweep/core/Credit"
import { KeyId } from "@keysweep/core/ProxyKey"
import type { Action } from "@keysweep/revocation/Action"
import type { Inventory } from "@keysweep/revocation/Inventory"
import type { Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { DateTime, FastCheck } from "effect"
import { type Request, RequestId } from "../src/Request.ts"

export const at = DateTime.unsafeMake("2026-11-21T12:00:00Z")
export const account = accountIdOf("somebody")
const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
export const idOf = (number: number) =>
  KeyId.make(`kf_${Array.from({ length: 16 }, (_, place) => alphabet[Math.floor(number / 32 ** place) % 32]).join("")}`)

export const planOf = (names: ReadonlyArray<string>, action: Action, reason: string | null = null): Plan => ({
  schema: "keysweep.plan/1",
  hash: "f".repeat(64),
  digest: "d".repeat(64),
  account,
  action,
  method: action === "delete-all" ? "bulk" : "each",
  reason,
  undoes: null,
  thenDelete: [],
  keys: names.map((name, number) => ({
    id: idOf(number),
    name,
    state: "active",
    prior: "p",
    settings: { active: true, expiresAt: null, allocated: fromCredits(10), models: [], addresses: [] },
    becomes: null,
    remaining: fromCredits(10),
    lastUsedAt: at
  })),
  skipped: names.map((name, number) => ({ id: idOf(number), name, reason: `protected: ${name}` })),
  refused: [],
  evidence: [],
  gate: [{ check: "live use", result: "block", detail: names.join(", "), lift: "wait" }],
  overridden: [],
  automatic: false,
  checklist: [{ step: "audit", status: "done", detail: names.slice(0, 1).join("") }],
  requests: names.length + 2,
  estimateSeconds: 12,
  creditExpected: fromCredits(10),
  createdAt: at,
  expiresAt: at,
  settings: null,
  nonce: "n"
})

export const requestOf = (plan: Plan, receipt: Receipt | null = null): Request => ({
  schema: "keysweep.slack-request/1",
  id: RequestId.make("req_0mwqx5fdh_uxjtqoff0y"),
  at,
  plan,
  requester: "U024BE7LH",
  channel: "C1",
  ts: "1.1",
  confirmation: null,
  taken: null,
  ending: receipt === null ? null : { outcome: receipt.outcome, detail: receipt.stopped ?? "", receipt, at },
  told: false
})

export const receiptOf = (plan: Plan): Receipt => ({
  schema: "keysweep.receipt/1",
  run: "run_0mwqx5fdh_uxjtqoff0y",
  plan: plan.hash,
  account,
  action: plan.action,
  outcome: "partial",
  stopped: plan.keys.map(({ name }) => name).join(" "),
  keys: plan.keys.map(({ id, name }, number) => ({
    id,
    name,
    outcome: number === 7 ? "failed" : "done",
    detail: number === 7 ? name : ""
  })),
  skipped: [],
  creditExpected: fromCredits(10),
  creditObserved: null,
  soaks: [],
  backup: "bk_0mwqx5fdh_uxjtqoff0y",
  anchor: `12:${"a".repeat(64)}`,
  startedAt: at,
  finishedAt: at
})

export const inventoryOf = (names: ReadonlyArray<string>): Inventory => ({
  schema: "keysweep.inventory/1",
  account,
  at,
  partial: true,
  unreadable: [],
  keys: names.map((name, number) => ({
    id: idOf(number),
    name,
    state: "active",
    findings: [],
    allocated: fromCredits(10),
    used: fromCredits(0),
    remaining: fromCredits(10),
    createdAt: at,
    lastUsedAt: at,
    expiresAt: at,
    models: [],
    addresses: []
  })),
  totals: {
    keys: names.length,
    active: 1,
    allocated: fromCredits(10),
    used: fromCredits(0),
    remaining: fromCredits(10)
  }
})

/** Names and reasons as somebody might choose them who means harm. */
export const hostile = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 200 }),
  FastCheck.constantFrom("<!channel>", "<@U1|x>", "`", "*_~", "\u202E", "ek-proxy-1234567890abcdef", "&".repeat(100))
)
