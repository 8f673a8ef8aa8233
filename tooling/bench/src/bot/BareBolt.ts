import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { build } from "rolldown"
import { environment, root } from "../Workspace.ts"

const source = `import { App, HTTPReceiver } from "@slack/bolt"
const { SLACK_API_URL: slackApiUrl, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: signingSecret } = process.env
const receiver = new HTTPReceiver({ signingSecret, endpoints: "/slack/events" })
const app = new App({ receiver, token, clientOptions: { slackApiUrl } })
app.command("/keysweep", async ({ ack }) => ack())
const server = await app.start({ port: 0, host: "127.0.0.1" })
console.log(server.address().port)
`

export interface BareBolt {
  readonly endpoint: string
  readonly end: () => Promise<void>
}

export interface BareBoltSetting {
  readonly slackUrl: string
  readonly slackToken: string
  readonly signingSecret: string
  readonly folder: string
}

/** An app that checks the signature and acknowledges, bundled as the bot is, and nothing else. */
export const startBareBolt = async (setting: BareBoltSetting): Promise<BareBolt> => {
  const [input, file] = [join(setting.folder, "bare.ts"), join(setting.folder, "bare.mjs")]
  writeFileSync(input, source)
  await build({
    input,
    platform: "node",
    resolve: { modules: ["node_modules", join(root, "apps/slack-bot/node_modules")] },
    output: { file, format: "esm", minify: true, codeSplitting: false }
  })
  const { signingSecret, slackToken, slackUrl } = setting
  const child = spawn(process.execPath, [file], {
    env: environment({ SLACK_API_URL: slackUrl, SLACK_BOT_TOKEN: slackToken, SLACK_SIGNING_SECRET: signingSecret }),
    stdio: ["ignore", "pipe", "inherit"]
  })
  return { endpoint: `http://127.0.0.1:${await port(child)}/slack/events`, end: () => ended(child) }
}

const port = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on("line", (line) => /^\d+$/.test(line) && resolve(Number(line)))
    child.once("close", () => reject(new Error("the bare app ended before it listened")))
  })

const ended = async (child: ChildProcess): Promise<void> => {
  const over = once(child, "close")
  if (child.kill()) await over
}
