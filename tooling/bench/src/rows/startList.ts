import { join } from "node:path"
import { coldStart } from "../ColdStart.ts"
import { withEmulator } from "../EmulatorProcess.ts"
import type { Row } from "../Row.ts"
import { built, environment, inFolder } from "../Workspace.ts"

export const startList: Row = {
  name: "start-list",
  title: "`keysweep list`, against `node -e 0`",
  bar: { kind: "at most", ratio: 3 },
  how: "The built program, a process each time, from its start to its end, over HTTP to the emulator on loopback with 12 keys. The home knows the account.",
  run: ({ full }) =>
    inFolder((folder) =>
      withEmulator(folder, { rpm: 1000, keys: 12, timeScale: 1 }, async ({ apiKey, url }) => {
        const rounds = full ? 31 : 7
        const account = { ELECTRONHUB_BASE_URL: url, ELECTRONHUB_API_KEY: apiKey, KEYSWEEP_HOME: join(folder, "home") }
        const args = [built("apps/cli/dist/keysweep.mjs"), "list"]
        return {
          note: `${rounds} pairs.`,
          cases: [await coldStart(rounds, "keysweep list", args, environment(account))]
        }
      })
    )
}
