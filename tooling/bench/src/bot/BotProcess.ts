import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { built } from "../Workspace.ts"
import type { Vitals } from "./Vitals.ts"

export interface BotProcess {
  readonly child: ChildProcess
  /** Where Slack sends its requests. */
  readonly endpoint: string
  readonly vitals: () => Promise<Vitals>
  readonly end: (signal?: NodeJS.Signals) => Promise<void>
}

export interface BotSetting {
  readonly slackUrl: string
  readonly slackToken: string
  readonly signingSecret: string
  readonly upstream: { readonly url: string; readonly apiKey: string }
  readonly timeScale: number
  readonly home: string
  /** Left out: its own. */
  readonly database?: string
}

/** The bot as it is published, on loopback; given once it listens. */
export const startBot = async (setting: BotSetting): Promise<BotProcess> => {
  const vitals = fileURLToPath(new URL("Vitals.js", import.meta.url))
  const child = spawn(
    process.execPath,
    [
      ...(process.env["PROF"] === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir=/tmp/f/prof"]),
      "--expose-gc",
      "--import",
      vitals,
      built("apps/slack-bot/dist/main.mjs")
    ],
    {
      env: {
        PATH: process.env["PATH"],
        SLACK_BOT_TOKEN: setting.slackToken,
        SLACK_SIGNING_SECRET: setting.signingSecret,
        SLACK_API_URL: setting.slackUrl,
        PORT: "0",
        HOST: "127.0.0.1",
        ELECTRONHUB_API_KEY: setting.upstream.apiKey,
        ELECTRONHUB_BASE_URL: setting.upstream.url,
        KEYSWEEP_TIME_SCALE: String(setting.timeScale),
        KEYSWEEP_HOME: setting.home,
        ...(setting.database === undefined ? {} : { DATABASE_URL: setting.database })
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    }
  )
  const port = await listening(child)
  return {
    child,
    endpoint: `http://127.0.0.1:${port}/slack/events`,
    vitals: async () => {
      const answer = once(child, "message")
      child.send("vitals")
      const [vitals] = await answer
      return vitals
    },
    end: async (signal = "SIGTERM") => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const over = once(child, "close")
      child.kill(signal)
      await over
    }
  }
}

const listening = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    const said: Array<string> = []
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on("line", (line) => {
        said.push(line)
        const port = /Listening on port (\d+)/.exec(line)?.[1]
        if (port !== undefined) resolve(port)
      })
    child.once("close", () => reject(new Error(`the bot ended before it listened: ${said.at(-1)}`)))
  })
