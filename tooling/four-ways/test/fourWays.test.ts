import { generateKeyPairSync } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
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
    await slack.command("rita", `disable key:"${wanted}" reason:leaver`)
    const message = await shownWith(slack, "Plan: disable 1 key")
    const digests = [planned.plan?.digest, ...[cliPlan, actionPlan].map(digestIn)]

    // Disabled from Slack, which never waits for a second person; deleted from Slack, which does.
    await slack.press("rita", message, "confirm")
    await eventually("the modal", () => slack.views.get(slack.user("rita")))
    await slack.submit("rita")
    await shownWith(slack, "Done: disable 1 key")
    assert.isFalse((await world.keys()).get(wanted))
    await slack.command("rita", "delete key:github-ci reason:clean-up")
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

it(
  "one store: what the command line lets soak is deleted by the bot, once; what it holds is not, and it can be enabled again",
  { timeout: 180_000 },
  async () => {
    // Who writes one log signs it with one key.
    const signingKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    const world = await makeWorld({ signingKey })
    await world.startBot("delete: 0")
    // Another home, which shares the bot's database and nothing else.
    const folder = join(world.homeOf("slack"), "postgres")
    writeFileSync(
      join(world.homeOf("cli"), "keysweep.yaml"),
      `store: postgres://keysweep@${encodeURIComponent(folder)}:5432/postgres\n`
    )
    const carryOut = async (action: string, key: string, ...more: ReadonlyArray<string>) => {
      const file = join(world.homeOf("cli"), `${action} ${key}.json`)
      const asked = ["--key", key, ...more, "--reason", "the event is over", "--out", file]
      const planned = await world.cli(["plan", action, ...asked])
      assert.strictEqual(planned.exit, 0, planned.output)
      const { hash } = JSON.parse(readFileSync(file, "utf8"))
      const applied = await world.cli(["apply", file, "--confirm", hash])
      assert.strictEqual(applied.exit, 0, applied.output)
      return String(hash)
    }
    const letSoak = (key: string) => carryOut("disable", key, "--then-delete", "--after", "15m")
    const held = await letSoak("staging")
    const hold = await world.cli(["hold", "--plan", held, "--reason", "its owner is away"])
    assert.strictEqual(hold.exit, 0, hold.output)
    await letSoak("github-ci")

    while ((await world.keys()).has("github-ci")) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.isFalse((await world.keys()).get("staging"))
    await carryOut("enable", "staging")
    assert.isTrue((await world.keys()).get("staging"))
    const deletions = (await world.log("slack")).filter(
      ({ event }) => event._tag === "RunStarted" && event.action === "delete"
    )
    assert.deepStrictEqual(
      deletions.map(({ actor, surface }) => [actor.name, surface]),
      [["slack:keysweep", "slack"]]
    )
  }
)
