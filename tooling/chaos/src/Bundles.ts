import { fileURLToPath } from "node:url"
import { join } from "node:path"
import { rolldown } from "rolldown"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

/** The programs that a chaos run starts, bundled from the sources of this checkout: a process each, as shipped. */
export interface Programs {
  readonly child: string
  readonly emulator: string
}

export const bundlePrograms = async (folder: string): Promise<Programs> => ({
  child: await bundle("tooling/chaos/src/child/main.ts", join(folder, "child.mjs")),
  emulator: await bundle("packages/emulator/src/bin.ts", join(folder, "emulator.mjs"))
})

const bundle = async (source: string, file: string): Promise<string> => {
  const made = await rolldown({
    input: join(root, source),
    platform: "node",
    external: ["@parcel/watcher", "msgpackr-extract"],
    plugins: [
      {
        name: "workspace-sources",
        resolveId: {
          filter: { id: /^@keysweep\// },
          handler(id) {
            const [, name, ...path] = id.split("/")
            return join(root, "packages", name ?? "", "src", `${path.join("/")}.ts`)
          }
        }
      }
    ]
  })
  await made.write({ file, format: "esm", codeSplitting: false })
  await made.close()
  return file
}
