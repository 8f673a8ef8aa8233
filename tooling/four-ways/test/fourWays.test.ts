import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Keysweep } from "@keysweep/sdk"
import { assert, it } from "vitest"
import { eventually, makeWorld, shownWith, timeScale, type Way } from "./World.ts"

const wanted = "jonas laptop"

it(
  "one account, four ways in, four homes: each log verifies and names who acted, through what",
  { timeout: 120_000 },
  async () => {
    const world = await makeWorld()
    const { slack } = world
    const library = await Keysweep.open({
      apiKey: world.upstream.apiKey,
      baseUrl: world.upstream.url,
      home: world.homeOf("library"),
      timeScale
    })

    // Read by the library.
    assert.strictEqual((await library.inventory()).keys.length, 12)
    await library.backup()

    // The same question has the same digest from all four.
    const planned = await library.plan({ action: "disable", selector: { keys: [wanted] }, reason: "leaver" })
    const cliPlan = join(world.homeOf("cli"), "plan.json")
    const byCli = await world.cli(["plan", "disable", "--key", wanted, "--reason", "another reason", "--out", cliPlan])
    assert.strictEqual(byCli.exit, 0, byCli.output)
    const actionPlan = join(world.homeOf("action"), "plan.json")
    const byAction = await world.action({
      command: "plan",
      action: "disable",
      keys: wanted,
      reason: "a third",
      "plan-path": actionPlan
    })
    assert.strictEqual(byAction.exit, 0, byAction.output)
    await world.action({ command: "backup" })
    await world.startBot()
    await slack.command("rita", `disable key:"${wanted}"`)
    const message = await shownWith(slack, "Plan: disable 1 key")
    const digests = [planned.plan?.digest, ...[cliPlan, actionPlan].map(digestIn)]

    // Disabled from Slack, which never waits for a second person; deleted from Slack, which does.
    await slack.press("rita", message, "confirm")
    await eventually("the modal", () => slack.views.get(slack.user("rita")))
    await slack.submit("rita")
    await shownWith(slack, "Done: disable 1 key")
    assert.isFalse((await world.keys()).get(wanted))
    await slack.command("rita", "delete key:github-ci")
    await slack.press("rita", await shownWith(slack, "Plan: delete 1 key"), "confirm")
    const phrase = await eventually(
      "the modal with the phrase",
      () => /delete 1 acct_[a-z2-7]{16}/.exec(JSON.stringify(slack.views.get(slack.user("rita")) ?? {}))?.[0]
    )
    await slack.submit("rita", { phrase })
    const waiting = await shownWith(slack, "Waiting for another person")
    assert.isTrue((await world.keys()).has("github-ci"))
    await slack.press("otto", waiting, "approve")
    await shownWith(slack, "Done: delete 1 key")
    assert.isFalse((await world.keys()).has("github-ci"))

    // Deleted from the command line.
    const deletion = join(world.homeOf("cli"), "delete.json")
    await world.cli(["plan", "delete", "--key", wanted, "--reason", "leaver", "--out", deletion])
    const { hash } = JSON.parse(readFileSync(deletion, "utf8"))
    const deleted = await world.cli(["apply", deletion, "--confirm", hash])
    assert.strictEqual(deleted.exit, 0, deleted.output)
    assert.isFalse((await world.keys()).has(wanted))
    assert.strictEqual((await world.keys()).size, 10)
    await library.close()

    const who: ReadonlyArray<readonly [Way, RegExp]> = [
      ["library", /^os:/],
      ["action", /^github:octocat$/],
      ["slack", /^slack:/],
      ["cli", /^os:/]
    ]
    for (const [way, name] of who) {
      const records = await world.log(way)
      assert.isAbove(records.length, 1, way)
      for (const record of records) {
        assert.strictEqual(record.surface, way)
        assert.match(record.actor.name, name)
      }
      const verified = await world.cli(["log", "verify"], way)
      assert.strictEqual(verified.exit, 0, `${way}: ${verified.output}`)
    }
    const run = (await world.log("slack")).find(({ event }) => event._tag === "RunStarted")
    digests.push(run?.event.digest)
    assert.strictEqual(new Set(digests).size, 1, digests.join())
    assert.isDefined(digests[0])
    const approval = (await world.log("slack")).find(({ event }) => event._tag === "Approved")
    assert.strictEqual(approval?.event.approver?.name, `slack:${slack.user("otto")}`)
    assert.notMatch(slack.said(), /ek-/)
  }
)

const digestIn = (file: string): unknown => {
  const document = JSON.parse(readFileSync(file, "utf8"))
  return document.digest
}
