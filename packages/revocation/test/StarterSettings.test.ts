import { assert, it } from "@effect/vitest"
import { Duration, Either } from "effect"
import { parseSettings } from "../src/Settings.ts"
import { starterSettings } from "../src/StarterSettings.ts"

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
const strict = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

it("the settings to begin with can be used as they are, and are strict", () => {
  const settings = strict(
    starterSettings({ account: { label: "production", keyFrom: "PRODUCTION_KEY" }, recipients: [recipient] })
  )
  assert.deepStrictEqual(settings.accounts, [{ label: "production", keyFrom: "PRODUCTION_KEY" }])
  assert.deepStrictEqual(settings.backup.recipients, [recipient])
  assert.includeMembers([...settings.block], ["cap", "live use", "unknown owner", "not soaked", "policy"])
  // Whoever could lift the policy check could go on without these settings.
  assert.notInclude(settings.overridable, "policy")
  assert.deepStrictEqual(
    settings.soak.map(({ time }) => Duration.toMillis(time)),
    [7 * 86_400_000]
  )
})

it("every example that stands there as a comment can be used once its sign is gone", () => {
  const text = starterSettings({ account: null, recipients: [] })
  const examples = text.split("\n").flatMap((line) => (/^# [a-z]+: [[{]/.test(line) ? [line.slice(2)] : []))
  assert.isAtLeast(examples.length, 6)
  for (const example of examples) strict(`${example.replace("age1…", recipient)}\n`)
  strict(text)
})
