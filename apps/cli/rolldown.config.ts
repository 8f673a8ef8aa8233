import { program } from "@keysweep/bundle"
import { defineConfig } from "rolldown"

/**
 * `keysweep.mjs` answers `--version` by itself; everything else is in chunks beside it, loaded when needed (`files` of
 * package.json ships them).
 */
export default defineConfig({
  ...program(import.meta.url, { executable: "keysweep.mjs", notices: true }),
  input: { keysweep: "src/main.ts" },
  external: ["@parcel/watcher", "msgpackr-extract"],
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    // What `keysweep list` needs in one piece: on a busy machine each file waits for its turn. The version stays apart, or
    // asking for it would load the rest.
    codeSplitting: {
      groups: [
        { name: "Version", test: /[\\/]apps[\\/]cli[\\/]src[\\/]Version\.ts$/, priority: 1 },
        { name: "Reading", test: /[\\/]apps[\\/]cli[\\/]src[\\/](?:Program|Reading|commands[\\/]look[\\/]list)\.ts$/ }
      ]
    },
    banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : "")
  }
})
