import { readdirSync } from "node:fs"

/** What a process holds at one moment, after a garbage collection. */
export interface Vitals {
  /** Bytes. */
  readonly heap: number
  /** Bytes. */
  readonly resident: number
  /** Open files and sockets. */
  readonly descriptors: number
  /** Timers, sockets, requests: what keeps the event loop going. */
  readonly handles: number
}

// Loaded in front of a program that has been started with an IPC channel and `--expose-gc`: any message is answered.
process.on("message", () => {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const vitals: Vitals = {
    heap: heapUsed,
    resident: rss,
    descriptors: readdirSync("/proc/self/fd").length,
    handles: process.getActiveResourcesInfo().length
  }
  process.send?.(vitals)
})
process.channel?.unref()
