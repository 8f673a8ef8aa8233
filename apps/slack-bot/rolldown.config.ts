import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))
const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

/** One file, with everything in it: a server is started with `node main.mjs` and nothing else. */
export default defineConfig({
  input: { main: "src/main.ts" },
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
      writeBundle: () => chmodSync(new URL("dist/main.mjs", import.meta.url), 0o755)
    }
  ],
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    codeSplitting: false,
    entryFileNames: "[name].mjs",
    banner: "#!/usr/bin/env node"
  }
})
