import { startSlack } from "@keysweep/testkit/SlackStandIn"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { parseArgs } from "node:util"
import { type EmulatorProcess, withEmulator } from "../EmulatorProcess.ts"
import { machineText, today } from "../Machine.ts"
import { startBot } from "./BotProcess.ts"
import { approver, requesters, round, stranger } from "./Day.ts"
import { type Sample, sampleText, trend } from "./Trend.ts"
import { visitorsOf } from "./Visitors.ts"

const usage = `pnpm load [--minutes N] [--every SECONDS] [--keys N]

  The bot, with its own database, an emulated upstream and a stand-in for Slack, on loopback: people use it for so many
  minutes (default 30), a round every so many seconds (default 10). What its process holds is shown once a round.
`

const timeScale = 600

const main = async (typed: ReadonlyArray<string>): Promise<number> => {
  const { values } = parseArgs({
    args: typed.filter((word) => word !== "--"),
    options: {
      minutes: { type: "string", default: "30" },
      every: { type: "string", default: "10" },
      keys: { type: "string", default: "2400" },
      help: { type: "boolean", short: "h" }
    }
  })
  const [minutes, every, keys] = [Number(values.minutes), Number(values.every), Number(values.keys)]
  if (values.help === true || !(minutes > 0) || !(every >= 0) || !(keys > 0)) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 2
  }
  const machine = machineText()
  const samples = await inFolders((folder, home) =>
    withEmulator(folder, { rpm: 1000, keys, timeScale }, (upstream) => used({ home, upstream, minutes, every, keys }))
  )
  process.stdout.write(`\n${trend(samples)}\n${minutes} minutes. Measured ${today()} on ${machine}.\n`)
  return 0
}

/** The bot's database runs as another user where we are root, who must be able to reach the second one. */
const inFolders = async <A>(use: (folder: string, home: string) => Promise<A>): Promise<A> => {
  const folders = ["emulator", "home"].map((name) => mkdtempSync(join(tmpdir(), `keysweep-load-${name}-`)))
  try {
    return await use(folders[0] ?? "", folders[1] ?? "")
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

interface Use {
  readonly home: string
  readonly upstream: EmulatorProcess
  readonly minutes: number
  readonly every: number
  readonly keys: number
}

const used = async ({ every, home, keys, minutes, upstream }: Use): Promise<ReadonlyArray<Sample>> => {
  const slack = await startSlack({ people: [...requesters, approver, stranger] })
  writeFileSync(
    join(home, "keysweep.yaml"),
    [
      "people:",
      ...[...requesters, approver].map((name) => `  - { name: ${name}, slack: ${slack.user(name)} }`),
      "approvals: { delete: 1, delete-all: 1 }"
    ].join("\n")
  )
  const { apiUrl: slackUrl, signingSecret, token: slackToken } = slack
  const bot = await startBot({ slackUrl, slackToken, signingSecret, upstream, timeScale, home })
  try {
    slack.connect(bot.endpoint)
    const names = Array.from({ length: keys }, (_, at) => `bench ${at + 1}`)
    const setting = { slack, visitors: visitorsOf(slack), nextKey: () => names.shift() ?? "" }
    const samples: Array<Sample> = []
    const began = performance.now()
    const minute = () => (performance.now() - began) / 60_000
    for (let count = 0; minute() < minutes; count++) {
      const due = performance.now() + every * 1000
      await round(setting, count)
      const sample = { minute: minute(), ...(await bot.vitals()) }
      samples.push(sample)
      process.stdout.write(`${sampleText(sample)}\n`)
      await pause(Math.max(0, due - performance.now()))
    }
    return samples
  } finally {
    await bot.end()
    await slack.close()
  }
}

process.exitCode = await main(process.argv.slice(2))
