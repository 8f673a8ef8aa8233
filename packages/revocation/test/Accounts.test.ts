import { assert, describe, it } from "@effect/vitest"
import { AccountRefused } from "@keysweep/core/Account"
import { ConfigProvider, Effect, Either, Fiber, Redacted, TestClock } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accountNamed } from "../src/Accounts.ts"
import { parseSettings, Settings } from "../src/Settings.ts"

const folder = mkdtempSync(join(tmpdir(), "keysweep-accounts-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

const settingsOf = (accounts: ReadonlyArray<object>) =>
  parseSettings(join(folder, "keysweep.yaml"), JSON.stringify({ accounts }))
const problemsOf = (...accounts: ReadonlyArray<object>) =>
  Either.getOrThrow(Either.flip(settingsOf(accounts))).problems.join("\n")

/** A program that does what a few lines of JavaScript say. */
const running = (script: string) => ({ label: "here", keyCommand: [process.execPath, "-e", script] })

const found = (label: string | null, ...accounts: ReadonlyArray<object>) =>
  accountNamed(Either.getOrThrow(settingsOf(accounts)), label)
const refused = (label: string | null, ...accounts: ReadonlyArray<object>) =>
  Effect.map(Effect.flip(found(label, ...accounts)), (error) => {
    assert.instanceOf(error, AccountRefused)
    return error.message
  })

const withVariables = (variables: { readonly [name: string]: string }) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

const shop = { label: "shop", keyFrom: "SHOP_KEY", baseUrl: "https://example.org/v1" }
const lab = { label: "lab", keyFrom: "LAB_KEY" }

describe("Accounts", () => {
  it.effect("a label is one account, with the key of its variable and its own address", () =>
    Effect.gen(function* () {
      const account = yield* found("shop", lab, shop)
      assert.strictEqual(Redacted.value(account.masterKey), "ek-shop")
      assert.strictEqual(account.baseUrl, "https://example.org/v1")
      assert.notInclude(JSON.stringify(account), "ek-shop")
      assert.isUndefined((yield* found(null, lab)).baseUrl)
    }).pipe(withVariables({ SHOP_KEY: "ek-shop", LAB_KEY: "ek-lab" }))
  )

  it.effect("no label, or one that is not there, is no account unless there is only one", () =>
    Effect.gen(function* () {
      assert.include(yield* refused(null, lab, shop), "not exactly one: there are lab, shop")
      assert.include(yield* refused(null), "they name no account")
      assert.include(yield* refused("shpo", lab, shop), "did you mean shop?")
      assert.include(yield* refused("else", lab, shop), "there are lab, shop")
      assert.include(yield* refused("lab", lab), "LAB_KEY is not set")
    }).pipe(withVariables({ LAB_KEY: "" }))
  )

  it.effect("the key of a command is its first line, and its arguments are relative to the settings file", () =>
    Effect.gen(function* () {
      writeFileSync(join(folder, "key.txt"), "ek-of-the-file\r\nnotes: none\n")
      const account = yield* found("here", running("process.stdout.write(fs.readFileSync('key.txt'))"))
      assert.strictEqual(Redacted.value(account.masterKey), "ek-of-the-file")
    })
  )

  it.effect("I8: what fails names the account and the trouble, and nothing that a command said", () =>
    Effect.gen(function* () {
      const secret = "ek-proxy-very-secret"
      const cases = [
        [running("console.log('very-secret')"), "not a master key"],
        [running("console.log('ek-' + 'proxy-very-secret')"), "This is a proxy key"],
        [running("console.error('token very-' + 'secret'); process.exit(3)"), "ended with exit code 3"],
        [running("0"), "printed nothing"],
        [running("console.log('very-'.repeat(99999))"), "printed more than a key"],
        [{ label: "here", keyCommand: ["keysweep-no-such-program"] }, "does not start (ENOENT)"]
      ] as const
      for (const [account, trouble] of cases) {
        const message = yield* refused("here", account)
        assert.include(message, "The account here: ")
        assert.include(message, trouble)
        assert.notInclude(message, "very")
      }
      const variable = refused("lab", lab).pipe(withVariables({ LAB_KEY: secret }))
      assert.strictEqual(
        yield* variable,
        "The account lab: This is a proxy key (ek-proxy-…): only the account's master key can manage keys."
      )
    })
  )

  it.effect("a command that says nothing for a minute is ended", () =>
    Effect.gen(function* () {
      const pid = join(folder, "pid")
      const fiber = yield* Effect.fork(
        refused("here", running(`fs.writeFileSync("pid", String(process.pid)); setInterval(() => {}, 1000)`))
      )
      yield* until(() => existsSync(pid) && readFileSync(pid, "utf8") !== "")
      yield* TestClock.adjust("60 seconds")
      assert.include(yield* Fiber.join(fiber), "gave no key within 60 seconds")
      const child = Number(readFileSync(pid, "utf8"))
      yield* until(() => !isAlive(child))
    })
  )

  it("a settings file says where the key of each account comes from, and is refused where it could be elsewhere", () => {
    for (const [account, problem] of [
      [{ label: "a" }, "needs either keyFrom or keyCommand"],
      [{ label: "a", keyFrom: "A", keyCommand: ["pass"] }, "needs either keyFrom or keyCommand"],
      [{ label: "a", keyFrom: "ek-very-secret-key" }, "needs the name of an environment variable"],
      [{ label: "a", keyCommand: ["./key.sh"] }, "needs a program's name or whole path"],
      [{ label: "a", keyCommand: ["bin/key"] }, "needs a program's name or whole path"],
      [{ label: "a", keyCommand: ["echo", "ek-very-secret-key"] }, "must not hold a secret"],
      [{ label: "acct_aaaaaaaaaaaaaaaa", keyFrom: "A" }, "must not look like the id"],
      [{ label: "a", keyFrom: "A", baseUrl: "http://example.org" }, "https, or http on loopback"]
    ] as const) {
      const problems = problemsOf(account)
      assert.include(problems, problem)
      assert.notInclude(problems, "very-secret")
    }
    assert.include(problemsOf(lab, { ...shop, label: "lab" }), "two have the same label")
  })

  it("which accounts there are is no rule: the log of one does not name the others", () => {
    const digest = (accounts: ReadonlyArray<object>) => Either.getOrThrow(settingsOf(accounts)).source?.digest
    assert.strictEqual(digest([lab]), digest([shop, lab]))
    assert.deepStrictEqual(Settings.none.accounts, [])
  })
})

/** As long as it takes, in real time: the clock of a test stands still. */
const until = (holds: () => boolean): Effect.Effect<void> =>
  Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 20))).pipe(
    Effect.repeat({ until: holds }),
    Effect.asVoid
  )

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
