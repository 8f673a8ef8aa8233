import { it, expect } from "vitest"
import { manifest } from "../src/Manifest.ts"

it("manifest.json is what the typed manifest says (vitest -u writes it)", async () => {
  await expect(`${JSON.stringify(manifest, null, 2)}\n`).toMatchFileSnapshot("../manifest.json")
})
