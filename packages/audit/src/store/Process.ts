import { createHash, randomUUID } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname, userInfo } from "node:os"
import { Effect, Either, Option, Schema } from "effect"

/** One process, so that another one on the same machine can tell whether it still lives. */
export const ProcessMark = Schema.Struct({
  pid: Schema.Int,
  /** Start time in the kernel's ticks: a pid is used again, this is not. Empty where the system does not tell. */
  started: Schema.String,
  host: Schema.String,
  /** Tells machines of one name apart; empty where the system does not tell. */
  machine: Schema.String,
  boot: Schema.String,
  /** Processes of two containers cannot see each other, whatever their host is called. */
  namespace: Schema.String
})
export type ProcessMark = typeof ProcessMark.Type

/** This process. Reads a few small files of the kernel once. */
export const thisProcess: Effect.Effect<ProcessMark> = Effect.sync(() => ({
  pid: process.pid,
  started: Option.match(statusOf(process.pid), { onNone: () => "", onSome: (it) => it.started }),
  host: hostname(),
  machine: createHash("sha256").update(textOf("/etc/machine-id")).digest("hex").slice(0, 12),
  boot: textOf("/proc/sys/kernel/random/boot_id"),
  namespace: Option.getOrElse(Option.liftThrowable(() => readlinkSync("/proc/self/ns/pid"))(), () => "")
}))

/** `elsewhere`: on another machine or in another container, where only people can look. */
export const lifeOf = (it: ProcessMark, here: ProcessMark): "alive" | "dead" | "elsewhere" => {
  if (it.host !== here.host || it.machine !== here.machine) return "elsewhere"
  if (it.boot !== here.boot) return "dead"
  if (it.namespace !== here.namespace) return "elsewhere"
  if (!exists(it.pid)) return "dead"
  const status = statusOf(it.pid)
  if (Option.isNone(status)) return "alive"
  const { started, state } = status.value
  return state === "Z" || state === "X" || (it.started !== "" && it.started !== started) ? "dead" : "alive"
}

/** `os:` and the login name; not authenticated, because anybody may call their user what they like. */
export const osUser: Effect.Effect<string> = Effect.sync(
  () => `os:${Option.getOrElse(Option.liftThrowable(() => userInfo().username)(), () => "unknown")}`
)

export const randomToken: Effect.Effect<string> = Effect.sync(() => randomUUID())

/** EPERM means: it is there, and somebody else's. */
const exists = (pid: number): boolean =>
  Either.match(Either.try({ try: () => process.kill(pid, 0), catch: (cause) => cause }), {
    onRight: () => true,
    onLeft: (cause) => typeof cause === "object" && cause !== null && "code" in cause && cause.code === "EPERM"
  })

/** The name of the program stands in parentheses and may hold anything, so fields are counted from the last one. */
const statusOf = (pid: number): Option.Option<{ readonly state: string; readonly started: string }> => {
  const fields = textOf(`/proc/${pid}/stat`).split(")").at(-1)?.trim().split(" ") ?? []
  const [state, started] = [fields[0], fields[19]]
  return state === undefined || started === undefined ? Option.none() : Option.some({ state, started })
}

const textOf = (path: string): string =>
  Option.getOrElse(Option.liftThrowable(() => readFileSync(path, "utf8").trim())(), () => "")
