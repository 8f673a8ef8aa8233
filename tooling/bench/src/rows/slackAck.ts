import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { startBareBolt } from "../bot/BareBolt.ts"
import { startBot } from "../bot/BotProcess.ts"
import { acknowledgements } from "../bot/Commands.ts"
import { startSink } from "../bot/Sink.ts"
import { withEmulator } from "../EmulatorProcess.ts"
import { interleaved, millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { inFolder } from "../Workspace.ts"

const perSecond = 50
const users = Array.from({ length: 200 }, (_, at) => `U${at}`)
const texts = (process.env["TEXTS"] ?? "help,runs,approve,log").split(",")

export const slackAck: Row = {
  name: "slack-ack",
  title: "Acknowledgement of a Slack command, p99 at 50 commands per second, against bare Bolt",
  bar: { kind: "at most", ratio: 2 },
  how: "x",
  run: ({ full }) =>
    inFolder(async (folder) => {
      const home = mkdtempSync(join(tmpdir(), "keysweep-bench-"))
      writeFileSync(
        join(home, "keysweep.yaml"),
        `people:\n${users.map((user) => `  - { name: ${user.toLowerCase()}, slack: ${user} }\n`).join("")}`
      )
      const slack = await startSink()
      const secrets = { slackUrl: slack.url, slackToken: "xoxb-bench", signingSecret: "bench" }
      const bare = await startBareBolt({ ...secrets, folder })
      try {
        return await withEmulator(folder, { rpm: 1000, keys: 10, timeScale: 1 }, async (upstream) => {
          const bot = await startBot({ ...secrets, upstream, timeScale: 1, home })
          const [seconds, rounds] = full ? [20, 7] : [5, 3]
          const sending = {
            ...secrets,
            responseUrl: slack.responseUrl,
            perSecond,
            count: perSecond * seconds,
            texts,
            users
          }
          const p99 = async (endpoint: string) => {
            const took = [...(await acknowledgements({ ...sending, endpoint }))].sort((one, other) => one - other)
            if (process.env["SHOW"])
              console.log(
                endpoint,
                [0.5, 0.9, 0.99, 0.999].map((q) => took[Math.floor(took.length * q)]?.toFixed(2)),
                slack.answers(),
                readFileSync(`/proc/${bot.child.pid}/stat`, "utf8").split(" ").slice(13, 15).join()
              )
            return took[Math.floor(took.length * 0.99)] ?? Number.NaN
          }
          try {
            const { against, ours, ratio } = await interleaved(
              rounds,
              () => p99(bot.endpoint),
              async () => {
                await pause(2000)
                return p99(bare.endpoint)
              }
            )
            const what = "p99"
            return { note: `${rounds} rounds.`, cases: [{ what, ours: millis(ours), against: millis(against), ratio }] }
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
