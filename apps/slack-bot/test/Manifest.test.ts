import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { manifest } from "../src/Manifest.ts"

it("manifest.json is the typed manifest", () => {
  const file = readFileSync(new URL("../manifest.json", import.meta.url), "utf8")
  assert.deepStrictEqual(JSON.parse(file), manifest)
})
