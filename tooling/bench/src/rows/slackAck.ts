import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startBareBolt } from "../bot/BareBolt.ts"
import { startBot } from "../bot/BotProcess.ts"
import { acknowledgements } from "../bot/Commands.ts"
import { startSink } from "../bot/Sink.ts"
import { withEmulator } from "../EmulatorProcess.ts"
import { interleaved, millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { inFolder } from "../Workspace.ts"

const perSecond = 50
/** So many that nobody asks too often. */
const people = Array.from({ length: 200 }, (_, at) => `U${at}`)
const texts = ["help", "runs", "approve", "log"]

export const slackAck: Row = {
  name: "slack-ack",
  title: "Acknowledgement of Slack commands, p99 at 50 a second, against bare Bolt",
  bar: { kind: "at most", ratio: 2 },
  how: `From the first byte of a signed command to the last of its answer, over HTTP on loopback; ${people.length} people type ${texts.join(", ")} in turn. The bot is the published file with a PostgreSQL of its own, and does and answers every one of them. Against an app of the same Bolt that checks the signature and acknowledges, and does nothing else.`,
  run: ({ full }) =>
    inFolder(async (folder) => {
      const [seconds, rounds] = full ? [20, 7] : [5, 3]
      const slack = await startSink()
      const access = { slackUrl: slack.url, slackToken: "xoxb-bench", signingSecret: "bench" }
      const home = homeOf(people)
      const bare = await startBareBolt({ ...access, folder })
      const p99 = async (endpoint: string) => {
        const count = perSecond * seconds
        const stream = { ...access, endpoint, responseUrl: slack.responseUrl, perSecond, count, texts, users: people }
        const took = [...(await acknowledgements(stream))].sort((one, other) => one - other)
        return took[Math.floor(count * 0.99)] ?? Number.NaN
      }
      try {
        return await withEmulator(folder, { rpm: 1000, keys: 10, timeScale: 1 }, async (upstream) => {
          const bot = await startBot({ ...access, upstream, timeScale: 1, home })
          try {
            const { against, ours, ratio } = await interleaved(
              rounds,
              () => p99(bot.endpoint),
              () => p99(bare.endpoint)
            )
            await bot.end()
            const lost = (rounds + 1) * perSecond * seconds - slack.answers()
            return {
              note: `${rounds} pairs of ${perSecond * seconds} commands.`,
              cases: [
                {
                  what: "p99",
                  ours: millis(ours),
                  against: millis(against),
                  ratio,
                  wrong: lost === 0 ? undefined : `${lost} commands were not answered`
                }
              ]
            }
          } finally {
            await bot.end()
          }
        })
      } finally {
        await bare.end()
        await slack.close()
        rmSync(home, { recursive: true, force: true })
      }
    })
}

/** In the folder for what is temporary: the bot's database runs as another user where we are root. */
const homeOf = (people: ReadonlyArray<string>): string => {
  const home = mkdtempSync(join(tmpdir(), "keysweep-bench-"))
  const named = people.map((user) => `  - { name: ${user.toLowerCase()}, slack: ${user} }\n`)
  writeFileSync(join(home, "keysweep.yaml"), `people:\n${named.join("")}`)
  return home
}
