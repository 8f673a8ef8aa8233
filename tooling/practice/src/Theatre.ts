import { type SlackStandIn, startSlack } from "@keysweep/testkit/SlackStandIn"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** Whom a practice has. The stranger is in the workspace, but not among the people of the settings. */
export const people = ["requester", "approver", "stranger"]

export interface Theatre {
  readonly slack: SlackStandIn
  /** The emulated upstream; ends in `/v1`. */
  readonly upstream: string
  /** Settings, and the bot's own database. */
  readonly home: string
  /** The bot as it is published, in a process of its own. */
  readonly bot: ChildProcess
  readonly close: () => Promise<void>
}

export interface TheatreOptions {
  /** A minute of the upstream takes so much less. */
  readonly timeScale: number
  /** The bot opens a socket to Slack, instead of being sent requests. */
  readonly socket: boolean
  /** Lines of the bot's own log. */
  readonly log: (line: string) => void
}

/** Emulated upstream, stand-in for Slack, and the bundled bot between them, all on loopback. */
export const openTheatre = async ({ log, socket, timeScale }: TheatreOptions): Promise<Theatre> => {
  const home = mkdtempSync(join(tmpdir(), "keysweep-practice-"))
  const ends: Array<() => Promise<void>> = [async () => rmSync(home, { recursive: true, force: true })]
  const close = async () => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
  }
  try {
    const emulator = start(
      "packages/emulator/dist/bin.mjs",
      [`--time-scale=${timeScale}`, "--port=0", "--json"],
      new Map()
    )
    ends.push(() => ended(emulator))
    const { apiKey, url: upstream }: { readonly url: string; readonly apiKey: string } = JSON.parse(
      await line(emulator, "stdout", (text) => (text.startsWith("{") ? text : undefined))
    )
    const slack = await startSlack({ people })
    ends.push(slack.close)
    writeFileSync(join(home, "keysweep.yaml"), settings(slack))
    const bot = start(
      "apps/slack-bot/dist/main.mjs",
      [],
      new Map([
        ["SLACK_BOT_TOKEN", slack.token],
        socket ? ["SLACK_APP_TOKEN", slack.appToken] : ["SLACK_SIGNING_SECRET", slack.signingSecret],
        ["SLACK_API_URL", slack.apiUrl],
        ["PORT", "0"],
        ["HOST", "127.0.0.1"],
        ["ELECTRONHUB_API_KEY", apiKey],
        ["ELECTRONHUB_BASE_URL", upstream],
        ["KEYSWEEP_TIME_SCALE", String(timeScale)],
        ["KEYSWEEP_HOME", home]
      ])
    )
    ends.push(() => ended(bot))
    const port = await line(bot, "stderr", (text) => {
      log(text)
      return /Listening on port (\d+)/.exec(text)?.[1]
    })
    if (!socket) slack.connect(`http://127.0.0.1:${port}/slack/events`)
    return { slack, upstream, home, bot, close }
  } catch (error) {
    await close()
    throw error
  }
}

const settings = (slack: SlackStandIn) =>
  [
    "people:",
    ...["requester", "approver"].map((name) => `  - { name: ${name}, slack: ${slack.user(name)} }`),
    "approvals: { delete: 1, delete-all: 1 }",
    ""
  ].join("\n")

/** A published file of this repository, with nothing in its environment but what is given. */
const start = (file: string, options: ReadonlyArray<string>, environment: ReadonlyMap<string, string>): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL(`../../../${file}`, import.meta.url)), ...options], {
    env: { ...Object.fromEntries(environment), PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "pipe"]
  })

/** The first line that `look` finds something in; it sees the later ones as well. */
const line = (child: ChildProcess, stream: "stdout" | "stderr", look: (line: string) => string | undefined) =>
  new Promise<string>((resolve, reject) => {
    const output = child[stream]
    let last = ""
    if (output !== null)
      createInterface({ input: output }).on("line", (text) => {
        last = text
        const found = look(text)
        if (found !== undefined) resolve(found)
      })
    child.once("error", reject)
    child.once("close", () => reject(new Error(`${child.spawnargs[1]} ended before it served: ${last}`)))
  })

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, "close")
  child.kill("SIGTERM")
  await over
}
