import { type AccountId, accountIdOf } from "@keysweep/core/Account"
import { fromCredits } from "@keysweep/core/Credit"
import { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Layer } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inject } from "vitest"
import { Operator } from "../../src/Actor.ts"
import { type AuditEvent, Refused } from "../../src/Event.ts"
import { Log, type LogOptions } from "../../src/Log.ts"
import { RunId } from "../../src/RunId.ts"
import { type FileLogOptions, layer as fileLogStore } from "../../src/store/FileLogStore.ts"

export const account: AccountId = accountIdOf("user-1")

export const makeHome = Effect.sync(() => join(mkdtempSync(join(tmpdir(), "keysweep-audit-")), "home"))

export const operator = Layer.succeed(Operator, { actor: { name: "os:alice", authenticated: false }, surface: "cli" })

export const store = (home: string, options?: FileLogOptions) => Layer.merge(fileLogStore(home, options), operator)

/** Runs something with a log of its own, opened and closed, as one program would. */
export const withLog = <A, E>(
  home: string,
  use: (log: Log["Type"]) => Effect.Effect<A, E>,
  options: LogOptions & FileLogOptions = {}
) =>
  Effect.flatMap(Log, use).pipe(Effect.provide(Layer.provideMerge(Log.layer(account, options), store(home, options))))

export const said = (what: string): AuditEvent => Refused.make({ what, why: "test" })

export const sayMany = (home: string, count: number, options?: FileLogOptions) =>
  withLog(
    home,
    (log) => Effect.forEach(numbers(count), (i) => log.append(said(`event ${i}`)), { concurrency: 64 }),
    options
  )

export const numbers = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

export const logDir = (home: string) => join(home, "accounts", account, "log")

export const segments = (home: string) =>
  readdirSync(logDir(home))
    .filter((name) => name.endsWith(".jsonl"))
    .sort()

export const readLog = (home: string) =>
  segments(home)
    .map((name) => readFileSync(join(logDir(home), name), "utf8"))
    .join("")

export const key = (n: number, fields: Partial<ConstructorParameters<typeof ProxyKey>[0]> = {}): ProxyKey =>
  ProxyKey.make({
    id: KeyId.make(
      `kf_${String(n)
        .replaceAll(/\d/g, (d) => "abcdefghij"[Number(d)] ?? "a")
        .padStart(16, "a")}`
    ),
    name: `key ${n}`,
    active: true,
    expiresAt: null,
    allocated: fromCredits(10),
    used: fromCredits(2.5),
    models: ["gpt-4o"],
    addresses: [],
    createdAt: DateTime.unsafeMake(1_700_000_000_000),
    lastUsedAt: null,
    other: { limit_type: "monthly" },
    ...fields
  })

export interface Child {
  readonly process: ChildProcess
  /** Everything it has printed so far. */
  readonly output: () => string
  readonly errors: () => string
  readonly ended: Promise<number | null>
}

/** A real program beside ours: `test/child/<name>.mjs`. */
export const startChild = (name: string, args: ReadonlyArray<string>, shell?: string): Child => {
  const file = join(inject("children"), `${name}.mjs`)
  const child =
    shell === undefined
      ? spawn(process.execPath, [file, ...args])
      : spawn("bash", ["-c", `${shell}; exec "$@"`, "bash", process.execPath, file, ...args])
  let output = ""
  let errors = ""
  child.stdout.on("data", (text) => (output += text))
  child.stderr.on("data", (text) => (errors += text))
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)))
  return { process: child, output: () => output, errors: () => errors, ended }
}

export const runId = (n: number): RunId => RunId.make(`run_000000000_${String(n).padStart(10, "0")}`)
