import type { Dialect } from "./Dialect.ts"

export interface Route {
  readonly method: "GET" | "POST" | "DELETE"
  /** Below the base URL. `{key}` stands for one checked path segment. */
  readonly path: string
}

export interface Call {
  readonly name: CallName
  readonly routes: { readonly [_ in Dialect]: Route }
  /** What a second attempt after a lost reply would do. Only `harmless` calls are ever repeated. */
  readonly again: "harmless" | "flips" | "doubles" | "destroys"
  /** Writes need a journal. Repeating an update is harmless: it sets values, it does not add to them. */
  readonly writes: boolean
}

export type CallName =
  | "list"
  | "lookup"
  | "create"
  | "update"
  | "toggle"
  | "remove"
  | "delete-all"
  | "validate"
  | "user"
  | "logs"
  | "regenerate"

const call = (
  name: CallName,
  again: Call["again"],
  writes: boolean,
  byBody: readonly [Route["method"], string],
  byPath: readonly [Route["method"], string] = byBody
): Call => ({
  name,
  again,
  writes,
  routes: { static: { method: byBody[0], path: byBody[1] }, path: { method: byPath[0], path: byPath[1] } }
})

/**
 * The upstream's calls, once for client and emulator.
 *
 * Source: docs.electronhub.ai, pages `proxy-keys`, `proxy-lookup`, `proxy-create`, `proxy-update`, `proxy-toggle`,
 * `proxy-delete`, `proxy-validate`, `usage`, `user-logs`; the path forms are those of the pages before 2026-05-23.
 * Delete-all and the regeneration of the master key have files of their own, which nothing here can reach.
 */
export const calls = {
  list: call("list", "harmless", false, ["GET", "/auth/proxy"]),
  lookup: call("lookup", "harmless", false, ["POST", "/auth/proxy/lookup"], ["GET", "/auth/proxy/{key}"]),
  create: call("create", "doubles", true, ["POST", "/auth/proxy/create"]),
  update: call("update", "harmless", true, ["POST", "/auth/proxy/update"], ["POST", "/auth/proxy/update/{key}"]),
  toggle: call("toggle", "flips", true, ["POST", "/auth/proxy/toggle"], ["POST", "/auth/proxy/toggle/{key}"]),
  remove: call("remove", "harmless", true, ["POST", "/auth/proxy/remove"], ["DELETE", "/auth/proxy/delete/{key}"]),
  validate: call("validate", "harmless", false, ["POST", "/auth/proxy/validate"]),
  user: call("user", "harmless", false, ["GET", "/user/me"]),
  logs: call("logs", "harmless", false, ["GET", "/user/logs"])
} as const
