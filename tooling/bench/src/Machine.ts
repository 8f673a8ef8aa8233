import { availableParallelism, cpus, loadavg } from "node:os"

/** What the numbers come from: enough to judge them, nothing that names the machine. */
export const machineText = (): string => {
  const [load = 0] = loadavg()
  const model = cpus()[0]?.model.trim() ?? "unknown"
  return `${availableParallelism()} cores (${model}), Node ${process.version}, ${process.platform}, load ${load.toFixed(1)} at the start`
}

/** Today, as in 2026-11-21. */
export const today = (): string => new Date().toISOString().slice(0, 10)
