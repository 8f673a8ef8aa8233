import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const binary = fileURLToPath(new URL("node_modules/node22-linux-x64/bin/node", import.meta.url))

export const node22 = process.platform === "linux" && process.arch === "x64" && existsSync(binary) ? binary : undefined
