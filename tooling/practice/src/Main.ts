import type { SlackStandIn } from "@keysweep/testkit/SlackStandIn"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import { parseArgs } from "node:util"
import { defaultPort } from "./Port.ts"
import { type Deed, Impossible, perform } from "./Stage.ts"
import { openTheatre, people } from "./Theatre.ts"

const usage = `pnpm slack:practice [--port N] [--time-scale N] [--rest N] [--socket] [--log]

  The bot, an emulated upstream and a stand-in for Slack, on loopback. Nothing leaves this machine.
  --port N         where slack:say, slack:press, slack:fill and slack:look find it (default ${defaultPort})
  --time-scale N   minutes of the upstream take so much less (default 60)
  --rest N         milliseconds without news after which a step is shown (default 1500)
  --socket         Socket Mode: the bot connects to Slack, and needs no address
  --log            shows the bot's own log
`

const say = (text: string) => void process.stdout.write(`${text}\n`)

const main = async (typed: ReadonlyArray<string>): Promise<number> => {
  const { values } = parseArgs({
    args: typed.filter((word) => word !== "--"),
    options: {
      port: { type: "string", default: String(defaultPort) },
      "time-scale": { type: "string", default: "60" },
      rest: { type: "string", default: "1500" },
      socket: { type: "boolean", default: false },
      log: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" }
    }
  })
  const [port, timeScale, rest] = [Number(values.port), Number(values["time-scale"]), Number(values.rest)]
  if (values.help === true || !Number.isInteger(port) || !(timeScale >= 1) || !(rest >= 0)) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 2
  }
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
  const theatre = await openTheatre({
    timeScale,
    socket: values.socket,
    log: (line) => values.log && process.stderr.write(`${line}\n`)
  })
  const server = createServer((request, response) => {
    void answer(request, theatre.slack, rest).then(({ status, text }) => response.writeHead(status).end(text))
  })
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve))
    const address = server.address()
    const there = typeof address === "object" && address !== null ? address.port : port
    const other = there === defaultPort ? "" : ` --port ${there}`
    say(
      `Ready on port ${there}: the bot, an emulated upstream and a stand-in for Slack. Ctrl-C ends it and forgets all.`
    )
    say(`People: ${people.map((name) => `U_${name.toUpperCase()}`).join(", ")}. In another terminal:\n`)
    say(`  pnpm slack:say '/keysweep list' --as U_REQUESTER${other}`)
    say(`  pnpm slack:say '/keysweep delete key:github-ci reason:practice' --as U_REQUESTER${other}`)
    say(`  pnpm slack:press Confirm --as U_REQUESTER${other}`)
    say(`  pnpm slack:fill 'delete 1 acct_…' --as U_REQUESTER${other}`)
    say(`  pnpm slack:press Approve --as U_APPROVER${other}`)
    say(`  pnpm slack:look --as U_REQUESTER${other}`)
    await Promise.race([stopped, once(theatre.bot, "close")])
  } finally {
    server.close()
    server.closeAllConnections()
    await theatre.close()
  }
  return 0
}

interface Asked {
  readonly as: string
  readonly deed: Deed
}

/** JSON only: a page of the web in a browser of this machine cannot send that here without asking first. */
const answer = async (request: IncomingMessage, slack: SlackStandIn, rest: number) => {
  if (request.method !== "POST" || request.headers["content-type"] !== "application/json")
    return { status: 404, text: "" }
  try {
    const chunks: Array<Buffer> = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { as, deed }: Asked = JSON.parse(Buffer.concat(chunks).toString("utf8"))
    return { status: 200, text: await perform(slack, as, deed, rest) }
  } catch (error) {
    return { status: error instanceof Impossible ? 422 : 500, text: error instanceof Error ? error.message : "" }
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : "It did not start."}\n`)
  return 1
})
