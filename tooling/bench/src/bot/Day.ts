import type { SlackStandIn } from "@keysweep/testkit/SlackStandIn"
import type { Visitors } from "./Visitors.ts"

export const requesters = ["ada", "bea", "cyd", "dan", "eva", "fay"]
export const approver = "otto"
export const stranger = "mallory"

export interface Setting {
  readonly slack: SlackStandIn
  readonly visitors: Visitors
  /** The name of a key that nobody has used yet. */
  readonly nextKey: () => string
}

/** One round of everything that a workspace does with the bot: it looks, changes, soaks, and is refused. */
export const round = async ({ nextKey, slack, visitors }: Setting, count: number): Promise<void> => {
  const who = requesters[count % requesters.length] ?? ""
  const { ask, confirm, plan, until } = visitors
  await ask(who, "list")
  for (const text of ["show", "audit", "runs", "log", "help", "approve", "lisst"]) {
    await ask(who, text === "show" ? `show "${nextKey()}"` : text)
  }

  const disabled = nextKey()
  for (const action of ["disable", "enable"]) {
    const asked = await plan(who, `${action} key:"${disabled}"`)
    if (count % 4 === 0) slack.faults.push({ method: "chat.update", status: 429, retryAfter: 1, error: "ratelimited" })
    await confirm(who, asked)
    await until(asked, `Done: ${action} 1 key`)
  }

  const deleted = await plan(who, `delete key:"${nextKey()}"`)
  await confirm(who, deleted, "delete everything")
  await confirm(who, deleted)
  const waiting = await until(deleted, "Waiting for another person")
  for (const name of [who, stranger, approver, approver]) await slack.press(name, waiting, "approve")
  await until(deleted, "Done: delete 1 key")

  const soaking = await plan(who, `disable key:"${nextKey()}" then-delete after:1h`)
  await confirm(who, soaking)
  await slack.press(approver, await until(soaking, "Waiting for another person"), "approve")
  await until(soaking, "Done: disable 1 key, then delete")

  const cancelled = await plan(who, `delete key:"${nextKey()}"`)
  await slack.press(who, cancelled, "cancel")
  await until(cancelled, "Cancelled")
  // Nobody confirms this one: it lapses.
  await plan(who, `contain key:"${nextKey()}" addresses:10.0.0.0/8 limit:daily`)

  await refusals(slack, who)
  visitors.forget()
}

const refusals = async (slack: SlackStandIn, who: string): Promise<void> => {
  const seconds = Math.floor(Date.now() / 1000)
  const once = slack.sign(slack.commandForm(who, "help"))
  const sent = [
    await slack.send(slack.sign(slack.commandForm(who, "list"), { secret: "guessed" })),
    await slack.send(slack.sign(slack.commandForm(who, "list"), { seconds: seconds - 600 })),
    await slack.send(slack.sign(slack.commandForm(who, "list"), { seconds: seconds + 600 })),
    await slack.send(once),
    await slack.send(once)
  ].map(({ status }) => status)
  await slack.command(stranger, "list")
  const expected = [401, 401, 401, 200, 401]
  if (String(sent) !== String(expected)) throw new Error(`refusals were answered with ${sent.join()}`)
}
