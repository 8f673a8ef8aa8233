import { program } from "@keysweep/bundle"
import { defineConfig } from "rolldown"

/** One file, with everything in it: a server is started with `node main.mjs` and nothing else. */
export default defineConfig({
  ...program(import.meta.url, { executable: "main.mjs", notices: true }),
  input: { main: "src/main.ts" },
  external: ["@parcel/watcher", "msgpackr-extract"],
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
