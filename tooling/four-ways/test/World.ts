import { type ChildProcess, execFile, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startEmulator } from "@keysweep/emulator/StartEmulator"
import { node24 } from "@keysweep/node24"
import { type SlackStandIn, startSlack } from "@keysweep/testkit/SlackStandIn"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { onTestFinished } from "vitest"

const built = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
export const bundles = {
  cli: built("apps/cli/dist/keysweep.mjs"),
  action: built("apps/github-action/dist/index.mjs"),
  bot: built("apps/slack-bot/dist/main.mjs")
}

export const timeScale = 60
export type Way = "cli" | "action" | "slack" | "library"

export interface Ran {
  readonly exit: number
  readonly output: string
}

/** One account on one emulator, a home folder for each way in, and a Slack that can be pressed. */
export const makeWorld = async (shared: { readonly signingKey?: string } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "keysweep-four-"))
  const homeOf = (way: Way) => join(folder, way)
  for (const way of ["cli", "action", "slack", "library", "runner"] as const)
    mkdirSync(join(folder, way), { mode: 0o700 })
  // The bot's own database runs as another user where we are root.
  for (const path of [folder, homeOf("slack")]) chmodSync(path, 0o711)
  const upstream = await startEmulator({ rpm: 1000, timeScale })
  const slack = await startSlack({ people: ["rita", "otto"] })
  const children: Array<ChildProcess> = []
  onTestFinished(async () => {
    for (const child of children) child.kill("SIGKILL")
    await slack.close()
    await upstream.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const account = {
    PATH: process.env["PATH"] ?? "",
    ELECTRONHUB_API_KEY: upstream.apiKey,
    ELECTRONHUB_BASE_URL: upstream.url,
    KEYSWEEP_TIME_SCALE: String(timeScale),
    ...(shared.signingKey === undefined ? {} : { KEYSWEEP_SIGNING_KEY: shared.signingKey })
  }

  const cli = (args: ReadonlyArray<string>, home: Way = "cli") =>
    program(process.execPath, [bundles.cli, ...args], { ...account, KEYSWEEP_HOME: homeOf(home) })

  const recipient = await identityToRecipient(await generateX25519Identity())
  const action = (inputs: Readonly<Record<string, string>>) => {
    const files = join(folder, "runner")
    const given = {
      "api-key": upstream.apiKey,
      "base-url": upstream.url,
      home: homeOf("action"),
      recipients: recipient,
      ...inputs
    }
    for (const name of ["output", "summary", "state", "env"]) writeFileSync(join(files, name), "")
    writeFileSync(join(files, "event.json"), JSON.stringify({ repository: { private: true } }))
    return program(node24 ?? process.execPath, [bundles.action], {
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      PATH: account.PATH,
      KEYSWEEP_TIME_SCALE: account.KEYSWEEP_TIME_SCALE,
      GITHUB_ACTIONS: "true",
      GITHUB_ACTOR: "octocat",
      GITHUB_EVENT_NAME: "workflow_dispatch",
      GITHUB_EVENT_PATH: join(files, "event.json"),
      GITHUB_OUTPUT: join(files, "output"),
      GITHUB_STEP_SUMMARY: join(files, "summary"),
      GITHUB_STATE: join(files, "state"),
      GITHUB_ENV: join(files, "env"),
      RUNNER_TEMP: files
    })
  }

  const startBot = async (approvals = "delete: 1") => {
    writeFileSync(
      join(homeOf("slack"), "keysweep.yaml"),
      ["rita", "otto"].reduce((text, name) => `${text}\n  - { name: ${name}, slack: ${slack.user(name)} }`, "people:") +
        `\napprovals: { ${approvals} }\n`
    )
    const child = spawn(process.execPath, [bundles.bot], {
      env: {
        ...account,
        KEYSWEEP_HOME: homeOf("slack"),
        SLACK_BOT_TOKEN: slack.token,
        SLACK_SIGNING_SECRET: slack.signingSecret,
        SLACK_API_URL: slack.apiUrl,
        PORT: "0",
        HOST: "127.0.0.1"
      },
      stdio: ["ignore", "inherit", "pipe"]
    })
    children.push(child)
    let said = ""
    child.stderr.on("data", (chunk) => (said += String(chunk)))
    const port = await eventually("the bot listens", () => /Listening on port (\d+)/.exec(said)?.[1])
    slack.connect(`http://127.0.0.1:${port}/slack/events`)
  }

  const keys = async () => {
    const state = await (await fetch(`${upstream.control}/state`)).json()
    return new Map<string, boolean>(
      Object(state).accounts[0].keys.map((key: { name: string; is_active: boolean }) => [key.name, key.is_active])
    )
  }

  /** The bot's log is in its database. */
  const log = async (way: Way) =>
    way === "slack" ? recordsIn((await cli(["log", "export"], way)).output) : recordsBelow(homeOf(way))

  return { upstream, slack, homeOf, cli, action, startBot, keys, log }
}

const program = (file: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(file, args, { env }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` })
    })
    child.stdin?.end()
  })

export interface Line {
  readonly surface: string
  readonly actor: { readonly name: string; readonly authenticated: boolean }
  readonly event: {
    readonly _tag: string
    readonly action?: string
    readonly digest?: string
    readonly approver?: { readonly name: string }
  }
}

const recordsIn = (text: string): ReadonlyArray<Line> =>
  text.split("\n").flatMap((line) => (line.includes('"surface":') ? [JSON.parse(line)] : []))

/** Every record of every log below a home folder, as it stands in the file. */
const recordsBelow = (home: string): ReadonlyArray<Line> =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").trim().split("\n"))
    .map((line): Line => JSON.parse(line))

export const eventually = async <A>(what: string, look: () => A | undefined): Promise<A> => {
  for (let tries = 0; tries < 4800; tries++) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`never happened: ${what}`)
}

export const shownWith = (slack: SlackStandIn, text: string) =>
  eventually(`a message with ${text}`, () =>
    slack
      .shown()
      .filter((message) => JSON.stringify(message).includes(text))
      .at(-1)
  )
