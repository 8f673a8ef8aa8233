import { spawnSync } from "node:child_process"
import { interleaved, millis } from "./Pairs.ts"
import type { Case } from "./Row.ts"

/** Milliseconds from the start of a process of this Node to its end, against `node -e 0`. */
export const coldStart = async (
  rounds: number,
  what: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Promise<Case> => {
  const { against, ours, ratio } = await interleaved(
    rounds,
    async () => run(args, env),
    async () => run(["-e", "0"], env)
  )
  return { what, ours: millis(ours), against: millis(against), ratio }
}

const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): number => {
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] })
  const took = performance.now() - began
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr.toString("utf8")}`)
  return took
}
