import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Schema } from "effect"
import { optionName, parseCommandLine } from "@keysweep/emulator/CommandLine"
import { helpText } from "@keysweep/emulator/HelpText"
import { Switches } from "@keysweep/emulator/Switches"
import { build } from "rolldown"

const root = fileURLToPath(new URL("..", import.meta.url))
const served = (...args: ReadonlyArray<string>) => {
  const asked = Either.getOrThrow(parseCommandLine(args))
  return asked._tag === "Serve" ? asked.options : {}
}
const refused = (...args: ReadonlyArray<string>) =>
  Either.match(parseCommandLine(args), { onLeft: (error) => error.message, onRight: () => "taken" })

describe("the command line", () => {
  it("has an option with its question in the help for every switch", () => {
    const help = helpText("keysweep emulator")
    for (const name of Object.keys(Switches.fields)) assert.include(help, `--${optionName(name)} `)
    assert.isTrue(help.split("\n").every((line) => line.length <= 110))
  })

  it("reads switches of every kind", () => {
    const args = ["--rpm", "7", "--retry-after", "on", "--legacy-routes=off", "--error-body", "html"]
    const options = served(...args, "--validation-status", "422", "--challenge-agent", "a", "--challenge-agent", "")
    assert.deepInclude(options, { rpm: 7, retryAfter: true, legacyRoutes: false, errorBody: "html" })
    assert.deepInclude(options, { validationStatus: 422, challengeAgent: ["a", ""] })
    assert.deepInclude(served(), { seed: "demo", money: "transfer", generation: "all" })
    assert.deepNestedInclude(served("--fault", '{"kind":"hang"}'), { "faults[0].kind": "hang" })
  })

  it("names the option that is wrong, and never its value", () => {
    assert.include(refused("--rpm", "ek-proxy-secret"), "--rpm")
    assert.notInclude(refused("--rpm", "ek-proxy-secret"), "secret")
    assert.notInclude(refused("ek-proxy-secret"), "secret")
    assert.notInclude(refused("--nonsense=ek-proxy-secret"), "secret")
    assert.include(refused("--retry-after", "maybe"), "on or off")
    for (const args of [
      ["--port", "70000"],
      ["--host", "0.0.0.0"],
      ["--money", "gold"],
      ["--time-scale", "0"],
      ["--api-key", "ek-proxy-x"],
      ["--seed", "/no/such/file"]
    ]) {
      assert.notStrictEqual(refused(...args), "taken", args[0])
    }
  })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** Runs a real process; `onLine` gets each line of its output and may end it. */
const run = (args: ReadonlyArray<string>, onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void) =>
  Effect.async<Ended>((resume) => {
    const child = spawn(process.execPath, [...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    let out = ""
    let error = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      if (text.endsWith("\n")) onLine(text, (signal) => child.kill(signal))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      error += text
    })
    child.on("close", (code) => resume(Effect.succeed({ code, out, error })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const Line = Schema.parseJson(Schema.Struct({ url: Schema.String, apiKey: Schema.String, control: Schema.String }))

describe("the bundle as a process", () => {
  const bundled = Effect.promise(() =>
    build({
      cwd: root,
      input: { bin: "src/bin.ts" },
      platform: "node",
      logLevel: "silent",
      output: { dir: "node_modules/.cache/bundle", format: "esm", entryFileNames: "[name].mjs" }
    }).then(() => "node_modules/.cache/bundle/bin.mjs")
  )

  it.live(
    "prints one line of JSON, serves, and ends at once with 0 on SIGTERM and SIGINT, connections open or not",
    () =>
      Effect.gen(function* () {
        const bin = yield* bundled
        for (const signal of ["SIGTERM", "SIGINT"] as const) {
          const statuses: Array<number> = []
          const { code, out } = yield* run([bin, "--port", "0", "--json", "--seed", "demo"], (line, kill) => {
            const { url, apiKey, control } = Schema.decodeSync(Line)(line)
            assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/v1$/)
            void fetch(`${url}/auth/proxy`, { headers: { authorization: `Bearer ${apiKey}` } })
              .then((reply) => statuses.push(reply.status))
              .then(() => fetch(`${control}/faults`, { method: "POST", body: '[{"kind":"hang"}]' }))
              .then(() => {
                void fetch(`${url}/models`).catch(() => "cut")
                return new Promise((later) => setTimeout(later, 50))
              })
              .then(() => kill(signal))
          })
          assert.deepStrictEqual([code, statuses], [0, [200]])
          assert.deepStrictEqual(Object.keys(JSON.parse(out)), ["url", "apiKey", "control"])
          assert.strictEqual(out.trim().split("\n").length, 1)
        }
      })
  )

  it.live("ends with 2 for a wrong command line and 1 for a port in use, with one line and no stack", () =>
    Effect.gen(function* () {
      const bin = yield* bundled
      const wrong = yield* run([bin, "--money", "gold"], () => undefined)
      assert.deepStrictEqual([wrong.code, wrong.error], [2, "Not a value for --money. See --help.\n"])
      const { port, close } = yield* Effect.async<{ port: number; close: () => void }>((resume) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({ port, close: () => void server.close() }))
        })
      })
      const taken = yield* run([bin, "--port", String(port)], () => undefined)
      close()
      assert.deepStrictEqual([taken.code, taken.error], [1, `Cannot listen on 127.0.0.1, port ${port}.\n`])
    })
  )

  it.live("greets people with what they can try", () =>
    Effect.gen(function* () {
      const bin = yield* bundled
      const { out } = yield* run([bin], (_, kill) => kill("SIGTERM"))
      assert.include(out, "export ELECTRONHUB_API_KEY=ek-")
      assert.include(out, "curl -s")
    })
  )

  it.live("takes a seed file, as state gives it", () =>
    Effect.gen(function* () {
      const bin = yield* bundled
      const path = `${root}/node_modules/.cache/seed.json`
      writeFileSync(path, JSON.stringify({ accounts: [{ apiKey: "ek-from-the-file" }] }))
      const { out } = yield* run([bin, "--json", "--seed", path], (_, kill) => kill("SIGTERM"))
      assert.strictEqual(JSON.parse(out).apiKey, "ek-from-the-file")
    })
  )
})
