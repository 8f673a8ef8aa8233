import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert } from "vitest"
import { makeWorld, type Ran, type RunOptions, type World } from "./World.ts"

export let world: World
export let other: World

/** One emulated account, and another without keys, for all cases. */
export const open = async (): Promise<World> => {
  const args = ["--rpm", "1000"]
  const [one, two] = await Promise.all([
    makeWorld({ scale: 600, args }),
    makeWorld({ scale: 600, args, seed: "empty" })
  ])
  world = one
  other = two
  return world
}
export const close = () => Promise.all([world.close(), other.close()])

export interface Saved {
  readonly account: string
  readonly file: string
  readonly hash: string
}

export const plan = async (words: ReadonlyArray<string>, options?: RunOptions): Promise<Saved> => {
  const ran = await world.run(["plan", ...words, "--reason", "test", "--json"], options)
  assert.strictEqual(ran.exit, 0, ran.stdout + ran.stderr)
  return JSON.parse(ran.stdout)
}
export const apply = ({ file, hash }: Saved, form: ReadonlyArray<string>, options?: RunOptions) =>
  world.run(["apply", file, "--confirm", hash, ...form], options)

export const removal = { method: "POST", path: "*/remove" }
export const list = { method: "GET", path: "/v1/auth/proxy" }
export const refusal = { kind: "status", status: 400, body: { error: { message: "no", code: "bad_request" } } }
export const two = ["delete", "--key", "staging", "--key", "github-ci"]
export const one = ["delete", "--key", "staging"]

/** A home of its own, for what would be in the way of other cases. */
export const aHome = (): string => mkdtempSync(join(world.folder, "home-"))

/** A file stands where a folder has to be: not even root can write into it. */
export const withoutRoomFor = (...path: ReadonlyArray<string>): RunOptions => {
  const home = aHome()
  const file = join(home, ...path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, "")
  return { env: { KEYSWEEP_HOME: home } }
}

/** Runs until a request is at the upstream, which is slow to answer; then does something, and ends the run with a signal. */
export const meanwhile = async <A>(
  run: (kill: AbortSignal) => Promise<Ran>,
  then: () => Promise<A>,
  { fault = { kind: "hang" }, signal }: { readonly fault?: object; readonly signal?: "SIGINT" } = {}
) => {
  await world.control("faults", [{ match: removal, ...fault }])
  const stop = new AbortController()
  const first = run(stop.signal)
  const acting = async () => (await world.requests()).some(({ path }) => path.endsWith("/remove"))
  while (!(await acting())) await new Promise((resolve) => setTimeout(resolve, 50))
  const result = await then()
  stop.abort(signal)
  return { first: await first, result }
}
