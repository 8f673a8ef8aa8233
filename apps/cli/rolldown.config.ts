import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))
const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

/**
 * `keysweep.mjs` answers `--version` by itself; everything else is in chunks beside it, loaded when needed (`files` of
 * package.json ships them).
 */
export default defineConfig({
  input: { keysweep: "src/main.ts" },
  platform: "node",
  external: ["@parcel/watcher", "msgpackr-extract"],
  transform: { define: { KEYSWEEP_VERSION: JSON.stringify(version) } },
  plugins: [
    {
      name: "workspace-sources",
      resolveId: {
        filter: { id: /^@keysweep\// },
        handler(id) {
          const [, name, ...file] = id.split("/")
          return `${packages}${name}/src/${file.join("/")}.ts`
        }
      }
    },
    {
      name: "executable",
      writeBundle: () => chmodSync(new URL("dist/keysweep.mjs", import.meta.url), 0o755)
    }
  ],
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : "")
  }
})
