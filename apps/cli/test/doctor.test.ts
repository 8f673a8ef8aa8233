import { assert, it } from "@effect/vitest"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { useWorlds } from "./World.ts"

const makeWorld = useWorlds()

interface Found {
  readonly checks: ReadonlyArray<{ readonly check: string; readonly result: string; readonly detail: string }>
}

it("doctor finds all well after a run, and changes nothing", async () => {
  const world = await makeWorld()
  await world.run(["backup", "create"])
  const { exit, stdout } = await world.run(["doctor", "--json"])
  const { checks }: Found = JSON.parse(stdout)
  assert.strictEqual(exit, 0, stdout)
  const rows = new Map(checks.map(({ check, detail, result }) => [check, `${result} ${detail}`]))
  assert.match(rows.get("account") ?? "", /^ok acct_[a-z2-7]{16} answers: 12 keys, dialect static$/)
  assert.match(rows.get("rate limit") ?? "", /^ok 30 requests a minute, \d+ of them free now$/)
  assert.strictEqual(rows.get("backups"), "ok 1 backup; the newest is whole and opens")
  assert.match(rows.get("settings") ?? "", /^warn there are none/)
  // The emulator's clock runs 60 times as fast; its header tells the machine's.
  assert.strictEqual(rows.get("clock"), "ok as the upstream's")
  assert.isTrue((await world.requests()).every(({ method }) => method !== "DELETE"))
})

it("doctor names what is wrong with what would mend it, and ends with the first failure's exit code", async () => {
  const world = await makeWorld({ seed: "empty" })
  mkdirSync(world.home, { mode: 0o755 })
  chmodSync(world.home, 0o755)
  writeFileSync(join(world.home, "keysweep.yaml"), "cap: 3")
  const [settings, key, unreachable] = await Promise.all([
    world.run(["doctor"]),
    world.run(["doctor", "--json"], {
      env: { ELECTRONHUB_API_KEY: "ek-nobody-knows-this-key", KEYSWEEP_CONFIG: join(world.folder, "none.yaml") }
    }),
    world.run(["doctor"], { env: { KEYSWEEP_HOME: "/proc/keysweep" } })
  ])
  assert.strictEqual(settings.exit, 2)
  assert.match(settings.stdout, new RegExp(`warn {2}modes +others can read ${world.home}`))
  assert.match(settings.stdout, /fail {2}settings .*cannot be used/)
  assert.match(settings.stdout, /ok {2}account .*0 keys, its dialect shows with the first key/)
  assert.strictEqual(key.exit, 2)
  const { checks }: Found = JSON.parse(key.stdout)
  assert.deepStrictEqual(
    checks.filter(({ result }) => result === "fail").map(({ check }) => check),
    ["settings", "account"]
  )
  if (process.platform === "linux") {
    assert.strictEqual(unreachable.exit, 7, unreachable.stdout)
    assert.match(unreachable.stdout, /^fail {2}(?:home|account) /m)
  }
})
