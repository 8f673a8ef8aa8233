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
  /** Writes need a journal. */
  readonly writes: boolean
}

export type CallName = "list" | "lookup" | "remove" | "toggle" | "delete-all"

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
 * The upstream's calls that clean up, once for client and emulator.
 *
 * Source: docs.electronhub.ai, pages `proxy-keys`, `proxy-lookup`, `proxy-toggle`, `proxy-delete`; the path forms are
 * those of the pages before 2026-05-23. Delete-all has its own file, which nothing that deletes one key imports.
 */
export const calls = {
  list: call("list", "harmless", false, ["GET", "/auth/proxy"]),
  lookup: call("lookup", "harmless", false, ["POST", "/auth/proxy/lookup"], ["GET", "/auth/proxy/{key}"]),
  toggle: call("toggle", "flips", true, ["POST", "/auth/proxy/toggle"], ["POST", "/auth/proxy/toggle/{key}"]),
  remove: call("remove", "harmless", true, ["POST", "/auth/proxy/remove"], ["DELETE", "/auth/proxy/delete/{key}"])
} as const
