import { assert, describe, it } from "@effect/vitest"
import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either } from "effect"
import { readFileSync } from "node:fs"
import { parseLeakReport } from "../../src/leak/LeakReport.ts"

const fixture = (name: string) => readFileSync(new URL(`../fixtures/leaks/${name}`, import.meta.url), "utf8")
const idOf = (number: number) =>
  keyIdOf(Either.getOrThrow(proxyKeySecret(`ek-proxy-${number.toString(16).padStart(16, "0")}`)))
const read = (text: string) => Either.getOrThrow(parseLeakReport(text))
const rows = (text: string) => read(text).leaks.map(({ detector, keys, place }) => [keys[0], detector, place])
const problem = (text: string) => Either.getOrThrow(Either.flip(parseLeakReport(text)))

describe("LeakReport", () => {
  it("TruffleHog: every key with its detector and place; other secrets are counted, its log is not", () => {
    assert.deepStrictEqual(rows(fixture("trufflehog.jsonl")), [
      [idOf(1), "electronhub", "deploy/values.yaml:12 in https://github.com/trufflesecurity/test_keys at fbc14303ffbf"],
      [idOf(255), "electronhub", "/data/s.txt:1"]
    ])
    assert.strictEqual(read(fixture("trufflehog.jsonl")).others, 1)
  })

  it("ggshield: the files at the top and those of each commit, with the line of the file", () => {
    assert.deepStrictEqual(rows(fixture("ggshield.json")), [
      [idOf(2), "Generic High Entropy Secret", "app/.env:3"],
      [idOf(3), "Generic Username Password", "notes.txt:7 at 8a784aab7090"]
    ])
  })

  it("GitHub's alerts, as a list, as pages of lists and one alone; a value in base64 is that value", () => {
    const found = [
      [idOf(1), "Electron Hub proxy key", "/example/secrets.txt:1 in owner/private-repo at f14d7debf977"],
      [idOf(4), "Electron Hub proxy key", "https://github.com/owner/private-repo/security/secret-scanning/4"]
    ]
    const alerts: ReadonlyArray<unknown> = JSON.parse(fixture("github.json"))
    assert.deepStrictEqual(rows(fixture("github.json")), found)
    assert.deepStrictEqual(rows(JSON.stringify([alerts.slice(0, 2), alerts.slice(2)])), found)
    assert.deepStrictEqual(rows(JSON.stringify(alerts[1])), found.slice(0, 1))
  })

  it("a report that hides values, or is cut off, or is none of the three is refused with the cure and without its text", () => {
    assert.include(problem(fixture("ggshield-hidden.json")), "--show-secrets")
    const hidden = JSON.stringify(
      JSON.parse(fixture("github.json")).map((it: object) => ({ ...it, secret: undefined }))
    )
    assert.include(problem(hidden), "hide_secret")
    assert.include(problem(fixture("trufflehog.jsonl").slice(0, -40)), "line 4 is not JSON")
    for (const text of [
      '{"key":"ek-proxy-0000000000000001"}',
      '[["ek-proxy-0000000000000001"]]',
      "ek-proxy-0000000000000001"
    ]) {
      assert.notInclude(problem(text), "ek-proxy")
    }
  })

  it("nothing found is no key at all", () => {
    for (const text of ["", "\n", "[]"]) assert.deepStrictEqual(read(text), { leaks: [], others: 0 })
  })
})
