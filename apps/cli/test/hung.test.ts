import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { useWorlds } from "./World.ts"

const aWorld = useWorlds()

it("I9: a disk that hangs under the log ends in a report and in the end of the process, with nothing sent", async () => {
  const world = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
  const apply = (file: string) => {
    const { hash } = JSON.parse(readFileSync(join(world.folder, file), "utf8"))
    return world.run(["apply", file, "--confirm", hash])
  }
  await world.run(["plan", "disable", "--key", "staging", "--reason", "test", "--out", "one.json"])
  assert.strictEqual((await apply("one.json")).exit, 0)
  await world.run(["plan", "enable", "--key", "staging", "--reason", "test", "--out", "two.json"])
  const accounts = join(world.home, "accounts")
  const head = join(accounts, readdirSync(accounts)[0] ?? "", "log", "head.json")
  // Opening a pipe that nobody writes to is a call that never returns, as on a network drive that is gone.
  rmSync(head)
  execFileSync("mkfifo", [head])
  const writes = (await world.requests()).filter(({ method }) => method !== "GET").length
  const ran = await apply("two.json")
  assert.notStrictEqual(ran.exit, 0)
  assert.include(ran.stderr, "The log is not available")
  assert.include(ran.stderr, "Nothing was changed.")
  assert.strictEqual((await world.requests()).filter(({ method }) => method !== "GET").length, writes)
})
