import { coldStart } from "../ColdStart.ts"
import type { Row } from "../Row.ts"
import { built, environment } from "../Workspace.ts"

export const startVersion: Row = {
  name: "start-version",
  title: "Cold start of `keysweep --version`, against `node -e 0`",
  bar: { kind: "at most", ratio: 1.3 },
  how: "The built program, a process each time, from its start to its end.",
  run: async ({ full }) => {
    const rounds = full ? 31 : 7
    const args = [built("apps/cli/dist/keysweep.mjs"), "--version"]
    return { note: `${rounds} pairs.`, cases: [await coldStart(rounds, "keysweep --version", args, environment())] }
  }
}
