import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

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

const found = spawnSync("systemd-analyze", ["--version"]).status === 0

it.skipIf(!found)("systemd finds nothing wrong with the unit", () => {
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", `${folder}keysweep-slack.service`], {
    encoding: "utf8"
  })
  const ours = stderr.split("\n").filter((line) => line.includes("keysweep-slack"))
  assert.deepStrictEqual([status, ours], [0, []])
})
