import { startPostgres } from "@keysweep/testkit/Postgres"
import { startSlack } from "@keysweep/testkit/SlackStandIn"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BotProcess, startBot } from "../bot/BotProcess.ts"
import { visitorsOf } from "../bot/Visitors.ts"
import { withEmulator } from "../EmulatorProcess.ts"
import { millis, timed } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { inFolder } from "../Workspace.ts"

const people = ["ada", "bea", "cyd", "dan", "eva", "fay", "gil", "hal", "ian", "joy"]
const timeScale = 10

export const slackRuns: Row = {
  name: "slack-runs",
  title: "Runs in flight on two servers of the bot, against one",
  bar: null,
  how: "Plans for one key each, all of one account and all confirmed at once by ten people, on one PostgreSQL; from the first confirmation to the last receipt in its message. Runs of one account take turns, whatever the number of servers: what a second one can bring is the work around them.",
  run: ({ full }) =>
    inFolder(async (folder) => {
      const each = full ? 6 : 2
      const one = await carried(folder, 1, each)
      const two = await carried(folder, 2, each)
      const what = `${each * people.length} runs`
      return {
        note: `Ours is two servers. Clocks of the upstream run ${timeScale} times faster, and its limit keeps nobody waiting.`,
        cases: [{ what, ours: millis(two), against: millis(one), ratio: two / one }]
      }
    })
}

/** Milliseconds for so many runs of each person, on so many servers. */
const carried = async (folder: string, servers: number, each: number): Promise<number> => {
  const home = mkdtempSync(join(tmpdir(), "keysweep-bench-"))
  chmodSync(home, 0o711)
  const database = await startPostgres(home)
  const slack = await startSlack({ people })
  const bots: Array<BotProcess> = []
  try {
    const named = people.map((name) => `  - { name: ${name}, slack: ${slack.user(name)} }\n`)
    writeFileSync(join(home, "keysweep.yaml"), `people:\n${named.join("")}`)
    return await withEmulator(folder, { rpm: 10_000, keys: each * people.length, timeScale }, async (upstream) => {
      const { apiUrl: slackUrl, signingSecret, token: slackToken } = slack
      const setting = { slackUrl, slackToken, signingSecret, upstream, timeScale, home, database: database.url }
      for (let count = 0; count < servers; count++) bots.push(await startBot(setting))
      // Slack sends to whichever server answers; who works at a plan is decided by the database.
      slack.connect(bots[0]?.endpoint ?? "")
      const { confirm, plan, until } = visitorsOf(slack)
      const plans = await Promise.all(
        people.map(async (who, at) => {
          const mine = []
          for (let count = 0; count < each; count++) {
            mine.push(await plan(who, `disable key:"bench ${at * each + count + 1}"`))
          }
          return { who, mine }
        })
      )
      return await timed(() =>
        Promise.all(
          plans.map(async ({ mine, who }) => {
            for (const one of mine) await confirm(who, one)
            for (const one of mine) await until(one, "Done: disable 1 key")
          })
        )
      )
    })
  } finally {
    for (const bot of bots) await bot.end()
    await slack.close()
    await database.stop()
    rmSync(home, { recursive: true, force: true })
  }
}
