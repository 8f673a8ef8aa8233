import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { program, python, useWorlds, type World } from "./World.ts"

const makeWorld = useWorlds()

/** The program under its own name on a path, as an installation leaves it. */
const install = (world: World): { readonly [name: string]: string | undefined } => {
  const folder = join(world.folder, "bin")
  mkdirSync(folder, { recursive: true })
  const file = join(folder, "keysweep")
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${program()}' "$@"\n`)
  chmodSync(file, 0o755)
  return {
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    HOME: world.folder,
    KEYSWEEP_HOME: world.home,
    ELECTRONHUB_API_KEY: world.apiKey,
    ELECTRONHUB_BASE_URL: world.url,
    TERM: "dumb"
  }
}

/** A file with one account that has one key. */
const seedOf = (world: World, name: string): string => {
  const file = join(world.folder, "seed.json")
  const keys = [{ name, key: "ek-proxy-0000000000000001", allocated_ammount: 1 }]
  writeFileSync(
    file,
    JSON.stringify({ accounts: [{ apiKey: "ek-another-master-key", plan: "free", balance: 9, keys }] })
  )
  return file
}

/** What each shell's own completion offers for a line, a word a line. */
const shells: { readonly [name: string]: (line: ReadonlyArray<string>) => ReadonlyArray<string> } = {
  bash: (line) => [
    "--norc",
    "-c",
    [
      `source ./script`,
      `COMP_WORDS=(keysweep ${line.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${line.length}`,
      `_keysweep; printf '%s\\n' "\${COMPREPLY[@]}"`
    ].join("\n")
  ],
  // compadd works only inside an editor: here it says what it was given.
  zsh: (line) => [
    "-f",
    "-c",
    [
      `compdef() { : }; _files() { print FILES }; compadd() { print -rl -- "\${(@P)5}" }`,
      `source ./script`,
      `words=(keysweep ${line.map((word) => `'${word}'`).join(" ")}) CURRENT=${line.length + 1}`,
      "_keysweep"
    ].join("\n")
  ],
  fish: (line) => ["--no-config", "-c", `source ./script; complete --do-complete "keysweep ${line.join(" ")}"`]
}

/** Each shell as somebody types in it, and how it learns of the completion. */
const interactive: { readonly [name: string]: readonly [argv: ReadonlyArray<string>, setup: string] } = {
  bash: [["bash", "--norc", "-i"], "source <(keysweep completion bash)"],
  zsh: [["zsh", "-f", "-i"], "autoload -U compinit; compinit -D -u; source <(keysweep completion zsh)"],
  fish: [["fish", "--no-config", "-i"], "keysweep completion fish | source"]
}

/** Where one is missing, CI installs it; elsewhere its cases say that they were skipped. */
const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0

for (const [shell, command] of Object.entries(shells)) {
  describe.skipIf(!has(shell))(`completion in ${shell}`, () => {
    it("knows commands, nested options, values and the names of keys, and expands nothing of a hostile name", async () => {
      const world = await makeWorld()
      const env = install(world)
      writeFileSync(join(world.folder, "script"), (await world.run(["completion", shell])).stdout)
      const offered = (...line: ReadonlyArray<string>): ReadonlyArray<string> => {
        const { status, stderr, stdout } = spawnSync(shell, command(line), { env, cwd: world.folder, encoding: "utf8" })
        assert.strictEqual(status, 0, stderr)
        return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.replace(/\t.*/, "")]))
      }
      assert.sameMembers([...offered("dis")], ["disable"])
      assert.sameMembers([...offered("plan", "delete-")], ["delete-all"])
      assert.sameMembers([...offered("plan", "delete", "--older")], ["--older-than"])
      assert.sameMembers([...offered("disable", "--state", "a")], ["active"])
      assert.sameMembers([...offered("plan", "delete", "--log")], ["--log-level"])
      assert.sameMembers([...offered("list", "--log-level", "d")], ["debug"])
      // Nothing is known of any key before the first reading.
      assert.deepStrictEqual(offered("show", "git"), [])
      const inventory = JSON.parse((await world.run(["list", "--json"])).stdout)
      const read = (await world.requests()).length
      assert.sameMembers([...offered("disable", "--key", "git")], ["github-ci"])
      const hostile = `$(touch ${world.folder}/hit)`
      writeFileSync(
        join(world.home, "accounts", inventory.account, "inventory.json"),
        JSON.stringify({
          ...inventory,
          keys: inventory.keys.map((key: object, at: number) => (at === 0 ? { ...key, name: hostile } : key))
        })
      )
      // The accounts of the settings, each with its own keys; no command for a master key is run by a Tab.
      const other = await makeWorld({ seed: seedOf(world, "only-here") })
      const never = { label: "vault", keyCommand: ["touch", join(world.folder, "asked")] }
      const accounts = [{ label: "lab", keyFrom: "OF_THE_LAB", baseUrl: other.url }, never]
      const config = join(world.folder, "accounts.yaml")
      writeFileSync(config, JSON.stringify({ accounts }))
      const settings = { KEYSWEEP_CONFIG: config, OF_THE_LAB: other.apiKey }
      assert.strictEqual((await world.run(["list", "--account", "lab"], { env: settings })).exit, 0)
      Object.assign(env, settings)
      assert.sameMembers([...offered("show", "--account", "l")], ["lab"])
      assert.sameMembers([...offered("show", "--account", "lab", "only")], ["only-here"])
      assert.sameMembers([...offered("show", "--account", "lab", "git")], [])
      assert.sameMembers([...offered("show", "--account", "vault", "git")], [])
      assert.isFalse(existsSync(join(world.folder, "asked")))
      const ids = inventory.keys.map(({ id }: { readonly id: string }) => id)
      assert.includeMembers([...offered("show", "")], ids)
      assert.notInclude(offered("show", "").join("\n"), "touch")
      assert.isFalse(existsSync(join(world.folder, "hit")))
      assert.lengthOf(await world.requests(), read)
    })

    it.skipIf(!python)(
      "completes what is typed at its prompt: a command, an option of it, the name of a key",
      async () => {
        const world = await makeWorld()
        assert.strictEqual((await world.run(["list"])).exit, 0)
        const [argv, setup] = interactive[shell] ?? assert.fail(shell)
        const steps = [
          { expect: "[$#>%] ?", send: `${setup}; echo rea''dy\n` },
          { expect: "ready", send: "keysweep pl\tdelete --ke\thack\t" },
          { expect: "hackathon-2026-03", send: "\u0015exit\n" }
        ]
        const { status, stdout } = spawnSync("python3", [new URL("terminal.py", import.meta.url).pathname], {
          env: install(world),
          input: JSON.stringify({ argv, steps }),
          encoding: "utf8"
        })
        assert.strictEqual(status, 0, stdout)
        assert.match(stdout, /plan.*delete --key.*hackathon-2026-03/u)
      }
    )
  })
}
