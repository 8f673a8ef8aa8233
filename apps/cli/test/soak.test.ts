import { assert, describe, it } from "vitest"
import { json, python, useWorlds, type World } from "./World.ts"

const aWorld = useWorlds()
// A day is two and a half minutes, so a soak of a minute is over at once, and one of weeks is not over in this test.
const fast = { scale: 600, args: ["--rpm", "1000"] }

const disable = async (world: World, names: ReadonlyArray<string>, ...how: ReadonlyArray<string>) => {
  const keys = names.flatMap((name) => ["--key", name])
  const plan = await json(world, "plan", "disable", ...keys, "--then-delete", ...how, "--reason", "clean-up")
  return json(world, "apply", plan.file, "--confirm", plan.hash)
}
const keysOf = async (world: World) => (await world.state()).accounts[0]?.keys ?? []
const namesOf = async (world: World) => (await keysOf(world)).map(({ name }) => name)
const removals = async (world: World) => (await world.requests()).filter(({ path }) => path.endsWith("/remove")).length
const until = async (is: () => Promise<boolean>) => {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 50))
}

describe("keys that are disabled, then deleted", () => {
  it("soak; what is due is deleted once, whoever asks at once; what is missed or not due stays, and it is said", async () => {
    const world = await aWorld(fast)
    const due = ["github-ci", "jonas laptop", "staging"]
    const { soaks } = await disable(world, due, "--after", "1m")
    assert.lengthOf(soaks, 3)
    await disable(world, ["slack-summariser"], "--after", "52w")
    const missed = (await keysOf(world)).find(({ name }) => name === "staging")
    assert.isFalse(missed?.is_active)
    const call = await fetch(`${world.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${missed?.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
    })
    assert.isFalse(call.ok)

    const both = await Promise.all([world.run(["run-due"]), world.run(["run-due"])])
    // Whoever comes second finds the account held, or nothing left to do.
    for (const { exit, stderr } of both) assert.include([0, 3, 6], exit, stderr)
    const said = both.map(({ stdout }) => stdout).join("")
    assert.include(said, "2 of 2 keys deleted, proven by a fresh reading")
    assert.match(said, /Alarm: staging \(kf_[a-z2-7]{16}\): 1 call with it was refused/)
    assert.match(said, /keysweep enable --key kf_/)
    assert.notIncludeMembers(await namesOf(world), ["github-ci", "jonas laptop"])
    assert.includeMembers(await namesOf(world), ["staging", "slack-summariser"])
    assert.strictEqual(await removals(world), 2)

    const again = await json(world, "run-due")
    assert.deepInclude(again, { schema: "keysweep.due/1", outcome: "nothing", receipts: [] })
    const soaking = again.soaking.keys.map(({ alarm, name }: { readonly alarm: unknown; readonly name: string }) => [
      name,
      alarm === null
    ])
    assert.sameDeepMembers(soaking, [
      ["staging", false],
      ["slack-summariser", true]
    ])
    assert.strictEqual(await removals(world), 2)
    assert.isTrue((await json(world, "log", "verify")).ok)
  })

  it("are watched by run-due --watch, started twice: each is deleted once when its time has come, and Ctrl-C ends it", async () => {
    const world = await aWorld(fast)
    const stop = new AbortController()
    const watching = [1, 2].map(() => world.run(["run-due", "--watch"], { kill: stop.signal }))
    await disable(world, ["github-ci", "staging"], "--after", "10m")
    type Run = { readonly action: string; readonly outcome: string }
    const deletions = async (): Promise<ReadonlyArray<Run>> =>
      (await json(world, "runs", "list")).runs.filter(({ action }: Run) => action === "delete")
    await until(async () => (await deletions()).some(({ outcome }) => outcome === "done"))
    stop.abort("SIGINT")
    const ended = await Promise.all(watching)
    assert.deepStrictEqual(
      ended.map(({ exit }) => exit),
      [130, 130]
    )
    assert.lengthOf(await deletions(), 1)
    assert.strictEqual(await removals(world), 2)
    assert.notIncludeMembers(await namesOf(world), ["github-ci", "staging"])
  })

  it.skipIf(!python)(
    "ask at a terminal for the words of a deletion, and soak for a week where no time is said",
    async () => {
      const world = await aWorld(fast)
      const exact = { expect: "Type .*?(delete 1 acct_[a-z2-7]{16}).*to go on: ", send: "{1}\n" }
      const words = ["disable", "--key", "staging", "--then-delete", "--reason", "clean-up"]
      const ran = await world.terminal(words, [exact])
      assert.strictEqual(ran.exit, 0, ran.stdout)
      assert.include(ran.stdout, "1 key after 7d")
      const { outcome, soaking } = await json(world, "run-due")
      assert.strictEqual(outcome, "nothing")
      assert.lengthOf(soaking.keys, 1)
      const key = (await keysOf(world)).find(({ name }) => name === "staging")
      assert.isFalse(key?.is_active)
    }
  )
})
