import { program } from "@keysweep/bundle"
import { defineConfig } from "rolldown"

/** One file that runs with Node alone, committed: GitHub runs it as it lies in the repository. */
export default defineConfig({
  ...program(import.meta.url),
  input: { index: "src/main.ts" },
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    codeSplitting: false,
    entryFileNames: "[name].mjs"
  }
})
