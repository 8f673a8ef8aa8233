import { it, expect } from "vitest"
import { manifest, socketManifest } from "../src/Manifest.ts"

it("the manifests are what the typed ones say (vitest -u writes them)", async () => {
  await expect(`${JSON.stringify(manifest, null, 2)}\n`).toMatchFileSnapshot("../manifest.json")
  await expect(`${JSON.stringify(socketManifest, null, 2)}\n`).toMatchFileSnapshot("../manifest.socket.json")
})
