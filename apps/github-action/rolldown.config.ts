import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))
const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

/** One file that runs with Node alone, committed: GitHub runs it as it lies in the repository. */
export default defineConfig({
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  input: { index: "src/main.ts" },
  platform: "node",
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
    }
  ],
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    codeSplitting: false,
    entryFileNames: "[name].mjs"
  }
})
