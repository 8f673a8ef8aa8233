import { oneLine } from "@keysweep/core/SafeText"
import { isFinal } from "@keysweep/revocation/Action"
import { changesOf } from "@keysweep/revocation/Contain"
import type { ApprovalState } from "@keysweep/revocation/Approval"
import { endOf, type Plan } from "@keysweep/revocation/Plan"
import { thenDeleteText } from "@keysweep/revocation/Soak"
import type { SoakState } from "@keysweep/revocation/SoakState"
import {
  type Block,
  buttons,
  type ButtonWords,
  code,
  header,
  markup,
  type Message,
  mention,
  mentions,
  message,
  plain,
  rows,
  small
} from "./Blocks.ts"
import { receiptBlocks } from "./ReceiptBlocks.ts"
import type { Ending, Request } from "./Request.ts"
import { soakBlocks, soakTitle } from "./SoakBlocks.ts"
import { counted, credits, duration, moment } from "./Words.ts"

/** How far a request has come, as its one message shows it. Buttons are there only while they do something. */
export type Stage =
  | { readonly _tag: "Planned" }
  | { readonly _tag: "Waiting"; readonly approvals: ApprovalState }
  | { readonly _tag: "Running"; readonly progress: string }
  | { readonly _tag: "Soaking"; readonly state: SoakState; readonly waiting: string | null }
  | { readonly _tag: "Ended" }

/** The one message of a request, from plan to receipt. */
export const requestMessage = (request: Request, stage: Stage): Message => {
  const { plan } = request
  const what = `${plan.action} ${counted(plan.keys.length, "key")}${plan.thenDelete.length === 0 ? "" : ", then delete"}`
  const asked = small(
    `Asked by ${mention(request.requester)} · account ${code(plan.account)} · plan ${code(plan.hash.slice(0, 12))} · valid until ${moment(plan.expiresAt)}`
  )
  switch (stage._tag) {
    case "Planned":
      return message(`Plan: ${what}. Not confirmed yet.`, [
        header(`Plan: ${what}`),
        asked,
        ...planBlocks(plan),
        buttons([confirmButton(request), cancelButton(request)])
      ])
    case "Waiting": {
      const { given, required } = stage.approvals
      return message(`Waiting for another person: ${what}.`, [
        header(`Waiting for another person: ${what}`),
        asked,
        markup(
          `${mention(request.requester)} has confirmed. ${given.length} of ${required} approvals by other people; ${mention(request.requester)} cannot approve.`
        ),
        ...planBlocks(plan),
        small("What cannot wait for anybody: `/keysweep disable …`, or `/keysweep panic`."),
        buttons([approveButton(request), cancelButton(request)])
      ])
    }
    case "Running":
      return message(`Running: ${what}.`, [
        header(`Running: ${what}`),
        asked,
        plain(stage.progress),
        ...reasonBlocks(plan),
        ...overriddenBlocks(plan)
      ])
    case "Soaking": {
      const title = `${soakTitle(stage.state, stage.waiting)}: ${what}`
      return message(`${title}.`, [
        header(title),
        asked,
        ...reasonBlocks(plan),
        ...overriddenBlocks(plan),
        ...soakBlocks(stage.state, stage.waiting)
      ])
    }
    case "Ended":
      return ended(request, what, asked)
  }
}

/** A plan that may not run now, with everything that blocks it. */
export const blockedMessage = (plan: Plan): Message => {
  const title = `Blocked: ${plan.action} ${counted(plan.keys.length, "key")}`
  return message(`${title}.`, [header(title), plain("Nothing was changed, and nobody was asked."), ...planBlocks(plan)])
}

/** What would be done, as somebody reads it who has to say yes to it. */
export const planBlocks = (plan: Plan): ReadonlyArray<Block> => [
  ...(plan.method === "bulk" ? [plain("Every key of the account, in one request.")] : []),
  ...reasonBlocks(plan),
  ...rows(
    plan.keys,
    ({ becomes, id, lastUsedAt, name, remaining, settings, state }) =>
      `• ${oneLine(name, 60)}: ${state}, ${credits(remaining)} credits left, ${lastUsedAt === null ? "never used" : `last used ${moment(lastUsedAt)}`} (${id})${becomes === null ? "" : `: ${oneLine(changesOf(settings, becomes).join("; "), 300)}`}`,
    " in the plan"
  ),
  ...(plan.refused.length === 0
    ? []
    : [
        plain(
          `Refused: ${plan.refused
            .slice(0, 10)
            .map(({ id, name, reason }) => `${oneLine(name, 60)} (${id}): ${oneLine(reason, 120)}`)
            .join("; ")}${more(plan.refused.length - 10)}`
        )
      ]),
  ...(plan.skipped.length === 0
    ? []
    : [
        plain(
          `Left alone: ${plan.skipped
            .slice(0, 10)
            .map(({ id, name, reason }) => `${oneLine(name, 60)} (${id}): ${oneLine(reason, 80)}`)
            .join("; ")}${more(plan.skipped.length - 10)}`
        )
      ]),
  ...overriddenBlocks(plan),
  ...checks(plan),
  small(
    `${counted(plan.requests, "request")}, about ${duration(plan.estimateSeconds * 1000)}.${
      isFinal(plan.action)
        ? ` About ${credits(plan.creditExpected)} credits should return. *Deleted keys never come back*: to be able to go back, disable first.`
        : ""
    } ${thenDeleteText(plan.thenDelete)}`.trimEnd()
  )
]

const ended = (request: Request, what: string, asked: Block): Message => {
  const { ending, plan } = request
  if (ending === null) return message(`${what}: over.`, [header(`Over: ${what}`), asked])
  const title =
    ending.outcome === "done"
      ? `Done: ${what}`
      : ending.outcome === "nothing"
        ? `Over, nothing was deleted: ${what}`
        : `Not done (${ending.outcome}): ${what}`
  return message(`${title}.`, [
    header(title),
    asked,
    ...(ending.detail === "" ? [] : [plain(oneLine(ending.detail, 800))]),
    ...reasonBlocks(plan),
    ...overriddenBlocks(plan),
    ...(ending.receipt === null ? [] : receiptBlocks(ending.receipt))
  ])
}

/** Below the message, to whoever asked and whoever approved: a change of a message calls nobody. */
export const overMessage = ({ plan }: Request, { outcome }: Ending, people: ReadonlyArray<string>): Message =>
  message("A plan is over.", [
    markup(
      `${mentions(people)} Plan ${code(plan.hash.slice(0, 12))} is over: *${outcome}*. The message above says more.`
    )
  ])

/** Below the message, to everybody who could have been asked: checks that would have blocked are lifted. */
export const overriddenMessage = ({ plan, requester }: Request, users: ReadonlyArray<string>): Message =>
  message("Checks are overridden: somebody should review this.", [
    markup(
      `${users.map(mention).join(" ")} ${mention(requester)} overrides what would block plan ${code(plan.hash.slice(0, 12))}: *${plan.overridden.join(", ")}*. Please review it: \`/keysweep hold plan:${plan.hash.slice(0, 12)} reason:"…"\` stops it.`
    ),
    ...reasonBlocks(plan)
  ])

const reasonBlocks = (plan: Plan): ReadonlyArray<Block> =>
  plan.reason === null ? [] : [plain(`Reason: ${oneLine(plan.reason, 300)}`)]

const overriddenBlocks = ({ overridden }: Plan): ReadonlyArray<Block> =>
  overridden.length === 0
    ? []
    : [markup(`*Overridden* with the reason above: ${overridden.join(", ")}. To be reviewed.`)]

const checks = (plan: Plan): ReadonlyArray<Block> => {
  const gate = plan.gate
    .filter(({ result }) => result !== "pass")
    .map(
      ({ check, detail, lift, result }) =>
        `${result === "block" ? "✗" : "!"} ${check}: ${oneLine(detail, 300)}${lift === null ? "" : ` (${lift})`}`
    )
  const list = isFinal(endOf(plan))
    ? plan.checklist.map(
        ({ detail, status, step }) => `${status === "done" ? "✓" : status === "unknown" ? "?" : "–"} ${step}: ${detail}`
      )
    : []
  const lines = [...gate, ...list]
  return lines.length === 0 ? [] : [plain(lines.join("\n"))]
}

const more = (count: number): string => (count > 0 ? `; and ${count} more` : "")

const confirmButton = ({ id, plan }: Request): ButtonWords => ({
  action: "confirm",
  value: id,
  text: "Confirm…",
  style: isFinal(endOf(plan)) ? "danger" : "primary"
})
const approveButton = ({ id }: Request): ButtonWords => ({
  action: "approve",
  value: id,
  text: "Approve",
  style: "danger"
})
const cancelButton = ({ id }: Request): ButtonWords => ({ action: "cancel", value: id, text: "Cancel" })
