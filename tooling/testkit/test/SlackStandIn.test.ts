import { createServer } from "node:http"
import { afterAll, assert, beforeAll, it } from "vitest"
import { signed } from "../src/SlackSignature.ts"
import { type SlackStandIn, startSlack } from "../src/SlackStandIn.ts"

let slack: SlackStandIn
beforeAll(async () => {
  slack = await startSlack({ people: ["rita", "otto"] })
})
afterAll(() => slack.close())

const call = async (method: string, fields: object): Promise<Record<string, unknown>> => {
  const reply = await fetch(slack.apiUrl + method, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${slack.token}` },
    body: JSON.stringify(fields)
  })
  return JSON.parse(await reply.text())
}

it("signs as in Slack's own example", () => {
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
  const { headers } = signed("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, body)
  assert.strictEqual(
    headers["x-slack-signature"],
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
  )
})

it("remembers a message and its changes, and refuses one that breaks a limit", async () => {
  const posted = await call("chat.postMessage", { channel: slack.channel, text: "one", blocks: [] })
  await call("chat.update", { channel: slack.channel, ts: posted["ts"], text: "two", blocks: [] })
  assert.deepStrictEqual(
    slack.shown().map(({ text }) => text),
    ["two"]
  )
  const long = await call("chat.postMessage", {
    channel: slack.channel,
    text: "three",
    blocks: [{ type: "section", text: { type: "mrkdwn", text: "a".repeat(3001) } }]
  })
  assert.strictEqual(long["error"], "invalid_blocks")
  assert.lengthOf(slack.shown(), 1)
  assert.lengthOf(slack.problems, 1)
})

it("answers once with a fault that was set", async () => {
  slack.faults.push({ method: "auth.test", status: 429, retryAfter: 1 })
  assert.strictEqual((await call("auth.test", {}))["ok"], false)
  assert.strictEqual((await call("auth.test", {}))["ok"], true)
})

it("takes five answers to a response_url and no more", async () => {
  const url = new URLSearchParams(slack.commandForm("rita", "list")).get("response_url") ?? ""
  const statuses: Array<number> = []
  for (let count = 0; count < 6; count++) {
    statuses.push((await fetch(url, { method: "POST", body: JSON.stringify({ text: "hello" }) })).status)
  }
  assert.deepStrictEqual(statuses, [200, 200, 200, 200, 200, 404])
  assert.deepStrictEqual(
    slack.answers.map(({ user }) => user),
    Array.from({ length: 5 }, () => slack.user("rita"))
  )
})

it("sends what Slack sends: a command, a click with a trigger that opens a modal, and the modal", async () => {
  const bodies: Array<URLSearchParams> = []
  const app = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += String(chunk)))
    request.on("end", () => {
      bodies.push(new URLSearchParams(body))
      response.end()
    })
  })
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
  const address = app.address()
  slack.connect(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`)

  await slack.command("rita", "list a<b")
  assert.strictEqual(bodies[0]?.get("text"), "list a&lt;b")

  const blocks = [
    {
      type: "actions",
      elements: [{ type: "button", action_id: "go", value: "v", text: { type: "plain_text", text: "Go" } }]
    }
  ]
  const posted = await call("chat.postMessage", { channel: slack.channel, text: "press me", blocks })
  const message = slack.shown().find(({ ts }) => ts === posted["ts"])
  if (message === undefined) throw new Error("the message is not shown")
  await slack.press("otto", message, "go")
  const click = JSON.parse(bodies[1]?.get("payload") ?? "")
  assert.deepStrictEqual([click.user.id, click.actions[0].value], [slack.user("otto"), "v"])

  const view = {
    type: "modal",
    callback_id: "form",
    private_metadata: "about",
    title: { type: "plain_text", text: "Form" },
    submit: { type: "plain_text", text: "Send" },
    blocks: [
      {
        type: "input",
        block_id: "word",
        label: { type: "plain_text", text: "Word" },
        element: { type: "plain_text_input", action_id: "word" }
      }
    ]
  }
  assert.strictEqual((await call("views.open", { trigger_id: click.trigger_id, view }))["ok"], true)
  assert.strictEqual(
    (await call("views.open", { trigger_id: click.trigger_id, view }))["error"],
    "exchanged_trigger_id"
  )
  await slack.submit("otto", { word: "typed" })
  const sent = JSON.parse(bodies[2]?.get("payload") ?? "")
  assert.deepStrictEqual([sent.view.private_metadata, sent.view.state.values.word.word.value], ["about", "typed"])
  assert.isFalse(slack.views.has(slack.user("otto")))
  await new Promise((resolve) => app.close(resolve))
})
