import type { Verification } from "@keysweep/audit/Chain"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { type KeyId, keyIdOf, type ProxyKey, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { decodeHeldKey } from "@keysweep/core/Wire"
import { Either } from "effect"
import type { Arrived, State } from "./EmulatorProcess.ts"

/** One request as it arrived at the upstream. */
export interface Request {
  /** Unix milliseconds. */
  readonly at: number
  /** Whose it is: ours, or somebody else's with the same master key. */
  readonly by: "us" | "somebody"
  readonly call:
    | "list"
    | "toggle"
    | "remove"
    | "delete-all"
    | "create"
    | "update"
    | "regenerate"
    | "read"
    /** An application's, with a proxy key. */
    | "use"
    | "other"
  /** Where the path names it; in the static dialect it does not. */
  readonly key: KeyId | null
  /** `null`: nothing was answered, which does not say that nothing was done. */
  readonly status: number | null
}

export interface StoredBackup {
  readonly id: string
  readonly sha256: string
  /** What it holds, opened; `null`: it does not open. */
  readonly keys: ReadonlyArray<ProxyKey> | null
}

/** Whole micro-credits of the account, beside those of its keys. */
export interface Credit {
  readonly money: "transfer" | "cap"
  readonly before: number
  readonly after: number
  /** What applications were charged. */
  readonly spent: number
}

/**
 * All that a checker may look at: what the upstream saw and what it has now, the log, the backups, the files, the sink.
 * What the program says of itself counts for one thing only: that somebody was told of a key that nobody has.
 */
export interface Scene {
  readonly before: ReadonlyMap<KeyId, ProxyKey>
  readonly after: ReadonlyMap<KeyId, ProxyKey>
  readonly credit: Credit
  readonly masterKey: { readonly before: string; readonly after: string }
  /** Values by variable, as applications find them. */
  readonly sink: ReadonlyMap<string, string>
  /** The last words of the last process; empty: it was killed. */
  readonly said: string
  readonly requests: ReadonlyArray<Request>
  readonly records: ReadonlyArray<LogRecord>
  /** `null`: there is no log. */
  readonly verification: Verification | null
  readonly backups: ReadonlyArray<StoredBackup>
  readonly files: ReadonlyArray<{ readonly path: string; readonly text: string }>
  /** Values that may stand in no file. */
  readonly secrets: ReadonlyArray<string>
}

export const keysOf = (state: State): ReadonlyMap<KeyId, ProxyKey> =>
  new Map(
    state.keys.map((wire) => {
      const { key } = Either.getOrThrowWith(decodeHeldKey(wire), (problem) => new Error(problem))
      return [key.id, key] as const
    })
  )

export const requestOf = ({ at, method, path, status }: Arrived): Request => {
  const [route = "", query = ""] = path.replace(/^\/v1/, "").split("?")
  const [, call = "", secret] = /^(.*?)(?:\/(ek-proxy-.*))?$/.exec(route) ?? []
  const key = secret === undefined ? null : proxyKeySecret(decodeURIComponent(secret))
  return {
    at: Date.parse(at),
    by: query === "by=somebody" ? "somebody" : "us",
    call: callOf(method, call, key !== null),
    key: key === null ? null : Either.getOrNull(Either.map(key, keyIdOf)),
    status
  }
}

const callOf = (method: string, route: string, keyInPath: boolean): Request["call"] => {
  switch (`${method} ${route}`) {
    case "GET /auth/proxy":
      return keyInPath ? "read" : "list"
    case "POST /auth/proxy/toggle":
      return "toggle"
    case "POST /auth/proxy/remove":
      return "remove"
    case "DELETE /auth/proxy/delete":
      return keyInPath ? "remove" : "delete-all"
    case "DELETE /auth/proxy":
      return "delete-all"
    case "POST /auth/proxy/create":
      return "create"
    case "POST /auth/proxy/update":
      return "update"
    case "GET /auth/key/regen":
      return "regenerate"
    case "POST /auth/proxy/lookup":
    case "GET /user/me":
    case "GET /user/logs":
    case "POST /auth/proxy/validate":
      return "read"
    case "POST /chat/completions":
      return "use"
    default:
      return "other"
  }
}

/** Whether a request can change something. What nobody knows counts as a write. */
export const isWrite = ({ call }: Request): boolean => call !== "list" && call !== "read" && call !== "use"
