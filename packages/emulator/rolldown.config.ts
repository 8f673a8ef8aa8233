import { chmodSync } from "node:fs"
import { defineConfig } from "rolldown"

/** One file that runs with Node alone. */
export default defineConfig({
  input: { bin: "src/bin.ts" },
  platform: "node",
  plugins: [
    {
      name: "executable",
      writeBundle: () => chmodSync(new URL("dist/bin.mjs", import.meta.url), 0o755)
    }
  ],
  output: { dir: "dist", format: "esm", minify: true, entryFileNames: "[name].mjs" }
})
