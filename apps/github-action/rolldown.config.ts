import { program } from "@keysweep/bundle"
import { defineConfig } from "rolldown"

/** Files that run with Node alone, what acts in a chunk of its own; committed: GitHub runs them as they lie in the repository. */
export default defineConfig({
  ...program(import.meta.url, { notices: true }),
  input: { index: "src/main.ts" },
  // Of the toolkit a step takes the file commands: its HTTP client, for tokens that no step asks for, would be loaded first.
  treeshake: { moduleSideEffects: [{ test: /node_modules\/(?:@actions|undici|tunnel)\//, sideEffects: false }] },
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    minify: true,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name].mjs"
  }
})
