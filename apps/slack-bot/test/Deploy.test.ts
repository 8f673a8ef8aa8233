import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parse } from "yaml"

const folder = fileURLToPath(new URL("../deploy/", import.meta.url))
const text = (name: string) => readFileSync(`${folder}${name}`, "utf8")

it("every variable that the files set is one that something reads", () => {
  const src = fileURLToPath(new URL("../src/", import.meta.url))
  const sources = ["Environment.ts"].map((name) => readFileSync(`${src}${name}`, "utf8")).join("")
  const elsewhere = [
    "KEYSWEEP_HOME",
    "KEYSWEEP_CONFIG",
    "NODE_ENV",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD"
  ]
  const set = readdirSync(folder)
    .flatMap((name) => [...text(name).matchAll(/(?:^|[ =])([A-Z][A-Z0-9]*_[A-Z_0-9]*|HOST|PORT)(?=[=:])/gm)])
    .map(([, name]) => name ?? "")
  assert.includeMembers(set, ["SLACK_BOT_TOKEN", "DATABASE_URL", "KEYSWEEP_CONFIG", "PORT"])
  assert.deepStrictEqual(
    set.filter((name) => !sources.includes(`"${name}"`) && !elsewhere.includes(name)),
    []
  )
})

it("the containers start what is built, with everything that it needs, apart from each other", () => {
  const file = text("Containerfile")
  const main = /COPY --from=build \/src\/(\S+) (\S+)/.exec(file)
  assert.deepStrictEqual(main?.slice(1), ["apps/slack-bot/dist/main.mjs", "/opt/keysweep/main.mjs"])
  assert.include(file, `CMD ["node", "${main?.[2]}"]`)
  const { services, volumes }: Compose = parse(text("compose.yaml"), { merge: true })
  assert.deepStrictEqual(Object.keys(services), ["database", "bot-1", "bot-2"])
  const { "bot-1": one, "bot-2": two } = services
  for (const bot of [one, two]) {
    assert.match(
      bot?.environment?.["DATABASE_URL"] ?? "",
      /^postgres:\/\/keysweep:\$\{DATABASE_PASSWORD\}@database\/keysweep$/
    )
    assert.deepStrictEqual(bot?.depends_on, { database: { condition: "service_healthy" } })
    assert.strictEqual(bot?.env_file, "slack.env")
    assert.include(file, `VOLUME ${(bot?.volumes?.[0] ?? "").split(":")[1]}`)
  }
  assert.deepStrictEqual([one?.ports, two?.ports], [["127.0.0.1:3001:3000"], ["127.0.0.1:3002:3000"]])
  const named = Object.values(services).flatMap((it) => (it.volumes ?? []).map((volume) => volume.split(":")[0] ?? ""))
  assert.deepStrictEqual(
    named.filter((name) => !name.startsWith(".") && !(name in volumes)),
    []
  )
})

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment?: Readonly<Record<string, string>>
        readonly depends_on?: unknown
        readonly env_file?: string
        readonly ports?: ReadonlyArray<string>
        readonly volumes?: ReadonlyArray<string>
      }
    >
  >
  readonly volumes: Readonly<Record<string, unknown>>
}

const found = spawnSync("systemd-analyze", ["--version"]).status === 0

it.skipIf(!found)("systemd finds nothing wrong with the unit", () => {
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", `${folder}keysweep-slack.service`], {
    encoding: "utf8"
  })
  const ours = stderr.split("\n").filter((line) => line.includes("keysweep-slack"))
  assert.deepStrictEqual([status, ours], [0, []])
})
