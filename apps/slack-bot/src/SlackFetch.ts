import { Effect } from "effect"
import type { Message } from "./Blocks.ts"
import { SlackUnavailable } from "./SlackApi.ts"

/** What goes to addresses that Slack hands out, apart from its Web API. Neither is ever repeated. */
export interface SlackFetch {
  readonly answer: (url: string, message: Message) => Effect.Effect<void, SlackUnavailable>
  readonly putFile: (url: string, text: string) => Effect.Effect<void, SlackUnavailable>
}

/** `apiUrl`: Slack's own, or a stand-in's, whose addresses are taken then. */
export const slackFetch = (apiUrl: string): SlackFetch => {
  const standIn = apiUrl.startsWith("https://slack.com/") ? null : new URL(apiUrl).origin
  const post = (method: string, hosts: ReadonlyArray<string>, url: string, type: string, body: string) =>
    Effect.gen(function* () {
      const origin = URL.canParse(url) ? new URL(url).origin : ""
      const refuse = (reason: string) => new SlackUnavailable({ method, reason, retryAfterMillis: null })
      if (origin !== standIn && !hosts.includes(origin)) return yield* refuse("not an address of Slack")
      const reply = yield* Effect.tryPromise({
        try: () =>
          fetch(url, {
            method: "POST",
            headers: { "content-type": type },
            body,
            redirect: "error",
            signal: AbortSignal.timeout(10_000)
          }),
        catch: () => refuse("no answer")
      })
      // Nobody reads it, and until somebody does its connection is kept.
      yield* Effect.ignore(Effect.tryPromise(() => reply.body?.cancel() ?? Promise.resolve()))
      if (!reply.ok) return yield* refuse(`HTTP ${reply.status}`)
    })
  return {
    answer: (url, { blocks, text }) => {
      const body = JSON.stringify({ response_type: "ephemeral", replace_original: false, text, blocks })
      return post("response_url", ["https://hooks.slack.com"], url, "application/json", body)
    },
    putFile: (url, text) => post("upload_url", ["https://files.slack.com"], url, "application/octet-stream", text)
  }
}
