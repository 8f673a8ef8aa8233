import config from "@keysweep/vitest-config"
import { mergeConfig } from "vitest/config"

// What takes long here computes and waits for nothing: it fills whatever cores there are.
export default mergeConfig(config, { test: { maxWorkers: 2, minWorkers: 1 } })
