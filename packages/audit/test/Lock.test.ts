import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeFileLock } from "../src/store/FileLock.ts"
import { lifeOf, type ProcessMark, thisProcess } from "../src/store/Process.ts"
import { type Child, makeHome, numbers, startChild } from "./support/Fixture.ts"

const rounds = Number(process.env["KEYSWEEP_TRIALS"] ?? 40)
const who = { actor: "os:test", run: null, since: "now" }

describe("the lock between processes", () => {
  it.live(
    "never two holders, and always one, when six processes race for a lock whose holder is dead",
    () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        const dir = join(home, "lock")
        mkdirSync(dir, { recursive: true })
        const dead = yield* deadProcess
        const children = numbers(6).map(() => startChild("lock", [dir, join(home, "sentinel")]))
        let last = 0
        for (const round of numbers(rounds)) {
          // Whoever held it before is gone for good: the highest generation belongs to a dead process.
          const card = join(dir, `dead.${round}`)
          writeFileSync(card, JSON.stringify({ ...dead, ...who, token: "t" }))
          linkSync(card, join(dir, `lock.${last + 1}`))
          const said = yield* tell(children, "go", round)
          const took = said.filter((line) => line.startsWith("took"))
          assert.strictEqual(took.length, 1, `round ${round}: ${said.join(", ")}`)
          assert.strictEqual(took[0], `took ${last + 2} true`)
          yield* tell(children, "end", round)
          last += 2
        }
        for (const child of children) child.process.stdin?.end()
        yield* Effect.promise(() => Promise.all(children.map((child) => child.ended)))
        assert.isBelow(
          readdirSync(dir).filter((name) => name.startsWith("lock.")).length,
          60,
          "old generations are cleaned"
        )
      }),
    180_000 + rounds * 100
  )

  it.live("two of one process exclude each other, and the loser is told who holds it", () =>
    Effect.gen(function* () {
      const dir = join(yield* makeHome, "lock")
      const first = yield* makeFileLock(dir, who)
      const second = yield* makeFileLock(dir, who)
      const n = yield* first.take
      const error = yield* Effect.flip(second.take)
      assert.isTrue(error._tag === "LockHeld" && error.holder?.pid === process.pid && error.holder.actor === "os:test")
      yield* first.release(n)
      assert.strictEqual(yield* second.take, n + 1)
    }).pipe(Effect.scoped)
  )

  it.live("whoever holds it is alone, with ten fibers of two holders at work", () =>
    Effect.gen(function* () {
      const dir = join(yield* makeHome, "lock")
      const locks = [yield* makeFileLock(dir, who), yield* makeFileLock(dir, who)]
      let inside = 0
      let worst = 0
      const work = Effect.gen(function* () {
        inside += 1
        worst = Math.max(worst, inside)
        yield* Effect.sleep(1)
        inside -= 1
      })
      const all = numbers(10).map((i) => Effect.repeatN(locks[i % 2]?.hold(() => work) ?? Effect.void, 4))
      yield* Effect.all(all, { concurrency: "unbounded" })
      assert.strictEqual(worst, 1)
    }).pipe(Effect.scoped)
  )

  it.effect(
    "a process is dead when it is gone, when its pid is another's now, and after a restart; elsewhere nobody knows",
    () =>
      Effect.gen(function* () {
        const here = yield* thisProcess
        assert.strictEqual(lifeOf(here, here), "alive")
        assert.strictEqual(lifeOf(yield* deadProcess, here), "dead")
        assert.strictEqual(lifeOf({ ...here, boot: "an earlier one" }, here), "dead")
        if (here.started !== "") assert.strictEqual(lifeOf({ ...here, started: "1" }, here), "dead")
        assert.strictEqual(lifeOf({ ...here, host: "another" }, here), "elsewhere")
        assert.strictEqual(lifeOf({ ...here, namespace: "another" }, here), "elsewhere")
      })
  )
})

const deadProcess: Effect.Effect<ProcessMark> = Effect.gen(function* () {
  const child = startChild("lock", ["/nowhere", "/nowhere"])
  child.process.kill("SIGKILL")
  yield* Effect.promise(() => child.ended)
  return { ...(yield* thisProcess), pid: child.process.pid ?? 0, started: "" }
})

/** Says a word to all of them at once and waits for what each has to say. */
const tell = (children: ReadonlyArray<Child>, word: string, round: number) =>
  Effect.gen(function* () {
    const line = round * 2 + (word === "go" ? 0 : 1)
    for (const child of children) child.process.stdin?.write(`${word}\n`)
    yield* until(() => children.every((child) => child.output().split("\n").length > line + 1))
    return children.map((child) => child.output().split("\n")[line] ?? "")
  })

const until = (met: () => boolean) => Effect.repeat(Effect.sleep(1), { until: met }).pipe(Effect.timeout("2 minutes"))
