import type { Message } from "@keysweep/testkit/SlackFront"
import type { SlackStandIn } from "@keysweep/testkit/SlackStandIn"
import { setTimeout as pause } from "node:timers/promises"

/** What people do in a channel, each thing until its effect is seen there. */
export interface Visitors {
  /** Types a command, and waits for the answer that only they see. */
  readonly ask: (who: string, text: string) => Promise<void>
  /** Types a command that makes a plan; gives its message. */
  readonly plan: (who: string, text: string) => Promise<Message>
  /** Presses Confirm, types what the form asks for, and sends it. */
  readonly confirm: (who: string, plan: Message, typed?: string) => Promise<void>
  /** Waits until the message says this; gives it as it is then. */
  readonly until: (message: Message, text: string) => Promise<Message>
  /** Forgets what was said long ago, which nobody looks at any more. */
  readonly forget: () => void
}

/** Milliseconds after which something that was to happen is said never to have happened. */
const patience = 120_000

export const visitorsOf = (slack: SlackStandIn): Visitors => {
  let plans = 0
  const seen = async <A>(what: string, look: () => A | undefined): Promise<A> => {
    for (let waited = 0; waited < patience; waited += 50) {
      const found = look()
      if (found !== undefined) return found
      await pause(50)
    }
    throw new Error(`never seen: ${what}; the last answer was: ${slack.answers.at(-1)?.raw}`)
  }
  const taken = async (reply: Promise<{ readonly status: number }>) => {
    const { status } = await reply
    if (status !== 200) throw new Error(`the bot answered ${status}`)
  }
  const newest = (ts: string) => slack.messages.filter((message) => message.ts === ts).at(-1)
  return {
    ask: async (who, text) => {
      const newest = () => slack.answers.filter(({ user }) => user === slack.user(who)).at(-1)
      const before = newest()
      await taken(slack.command(who, text))
      await seen(`an answer to ${text}`, () => (newest() === before ? undefined : newest()))
    },
    plan: async (who, text) => {
      const reason = `load ${++plans} of ${who}`
      await taken(slack.command(who, `${text} reason:"${reason}"`))
      return seen(`the plan of ${text}`, () =>
        slack.messages.filter((it) => JSON.stringify(it).includes(reason)).at(-1)
      )
    },
    confirm: async (who, plan, typed) => {
      slack.views.delete(slack.user(who))
      await taken(slack.press(who, plan, "confirm"))
      const view = await seen("the form", () => slack.views.get(slack.user(who)))
      const phrase = /delete \d+ acct_[a-z2-7]{16}/.exec(JSON.stringify(view))?.[0] ?? ""
      await taken(slack.submit(who, { phrase: typed ?? phrase }))
    },
    until: ({ ts }, text) =>
      seen(text, () => {
        const now = newest(ts)
        return now !== undefined && JSON.stringify(now).includes(text) ? now : undefined
      }),
    forget: () => {
      for (const list of [slack.messages, slack.calls, slack.answers, slack.files]) {
        list.splice(0, Math.max(0, list.length - 500))
      }
      slack.triggers.clear()
      slack.uploads.clear()
    }
  }
}
