import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { exitCodeOf, Outcome } from "@keysweep/revocation/Outcome"
import { assert, it } from "vitest"
import { type Inputs, makeWorld, type Ran, sharedWorld, type World } from "./World.ts"

const shared = sharedWorld()

const run = (inputs: Inputs) => shared().run({ ...shared().base, ...inputs })

const deletion = { command: "plan", action: "delete", names: "hackathon-*\nold-mobile-app\nstaging", reason: "a test" }

/** What is applied, planned before anything goes wrong. */
const planned = async (world: World, more: Inputs = {}, home = join(world.folder, "home")) => {
  const base = { ...world.base, home }
  const { "plan-hash": confirm = "", "plan-path": path = "" } = (await world.run({ ...base, ...deletion, ...more }))
    .outputs
  return { ...base, command: "apply", "plan-path": path, confirm }
}

/** The deletion of several keys, with something in its way. */
const faulty = async (...faults: ReadonlyArray<unknown>) => {
  const world = await makeWorld(["--rpm", "1000"])
  const apply = await planned(world)
  await world.control("faults", faults)
  return world.run(apply)
}

const removal = { method: "POST", path: "*/remove" }

/** One step waits for the rate limit and is cancelled; another comes meanwhile and finds the account held. */
const twoAtOnce = async () => {
  const world = await makeWorld(["--rpm", "3"])
  const one = await planned(world, { action: "disable" })
  const other = await planned(world, { action: "disable" })
  const env = { KEYSWEEP_TIME_SCALE: "1" }
  let second: Promise<Ran> | undefined
  const first = await world.run(one, {
    env,
    watch: (printed, kill) => {
      if (second !== undefined || !printed.includes("waiting")) return
      second = world.run(other, { env })
      void second.finally(() => kill("SIGINT"))
    }
  })
  return { first, second: (await second) ?? assert.fail("the first step did not wait") }
}
let both: ReturnType<typeof twoAtOnce> | undefined

/** How each outcome is reached; a new one does not compile without its case. */
const cases: { readonly [outcome in Outcome]: () => Promise<Ran> } = {
  done: () => run({ command: "audit" }),
  nothing: () => run({ ...deletion, names: "no-such-*" }),
  partial: () => faulty({ kind: "status", status: 400, skip: 1, match: removal }),
  failed: () => faulty({ kind: "status", status: 400, times: 99, match: removal }),
  // What was done cannot be read again.
  unverified: () =>
    faulty({ kind: "status", status: 400, skip: 1, times: 99, match: { method: "GET", path: "/auth/proxy" } }),
  refused: () => run({ command: "audit", "api-key": "" }),
  blocked: async () => {
    const home = join(shared().folder, "strict")
    mkdirSync(home)
    writeFileSync(join(home, "keysweep.yaml"), "caps: { count: 1 }\n")
    return shared().run(await planned(shared(), {}, home))
  },
  stale: async () => run({ ...(await planned(shared())), confirm: "0".repeat(64) }),
  credentials: () => run({ command: "audit", "api-key": "ek-nobody-knows-this-one" }),
  limit: async () => (await (both ??= twoAtOnce())).second,
  records: () => run({ command: "audit", "signing-key": shared().signingKey, "state-in": "/nowhere/state.age" }),
  findings: () => run({ command: "audit", "fail-on": "note" }),
  interrupted: async () => (await (both ??= twoAtOnce())).first
}

it.each(Outcome.literals)("a step ends as %s: output, exit code, annotation and page say so", async (outcome) => {
  const ran = await cases[outcome]()
  const exit = exitCodeOf(outcome)
  assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], [outcome, exit], ran.stdout + ran.stderr)
  assert.strictEqual(ran.errors.length > 0, exit !== 0, ran.stdout)
  assert.include(ran.summary, "## Keysweep")
})
