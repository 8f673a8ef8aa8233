import type { Handler } from "../Call.ts"
import type { Route } from "../Router.ts"
import type { Settled } from "../Switches.ts"
import { models, regenerateKey, userLogs, userMe, userModels } from "./Account.ts"
import { chatCompletion } from "./Chat.ts"
import { removeAllKeys, removeKey, removeKeyByPath } from "./KeyDelete.ts"
import { listKeys, lookupKey, lookupKeyByPath } from "./KeyRead.ts"
import { createKey, toggleKey, updateKey } from "./KeyWrite.ts"
import { validateKey } from "./Validate.ts"

type Table = ReadonlyArray<Route<Handler>>

/** The same in every generation. */
const always: Table = [
  { method: "GET", path: "/auth/proxy", handler: listKeys },
  { method: "POST", path: "/auth/proxy/create", handler: createKey, takesBody: true },
  { method: "POST", path: "/auth/proxy/validate", handler: validateKey, takesBody: true },
  { method: "GET", path: "/auth/key/regen", handler: regenerateKey },
  { method: "GET", path: "/user/me", handler: userMe },
  { method: "GET", path: "/user/logs", handler: userLogs },
  { method: "GET", path: "/user/models", handler: userModels },
  { method: "GET", path: "/models", handler: models },
  { method: "POST", path: "/chat/completions", handler: chatCompletion, takesBody: true }
]

/** From 2026-05-23: the key in the body, the URL always the same. */
const byBody: Table = [
  { method: "POST", path: "/auth/proxy/lookup", handler: lookupKey, takesBody: true },
  { method: "POST", path: "/auth/proxy/update", handler: updateKey, takesBody: true },
  { method: "POST", path: "/auth/proxy/toggle", handler: toggleKey, takesBody: true },
  { method: "POST", path: "/auth/proxy/remove", handler: removeKey, takesBody: true }
]

const bulkNew: Table = [{ method: "DELETE", path: "/auth/proxy/delete", handler: removeAllKeys }]
const bulkOld: Table = [{ method: "DELETE", path: "/auth/proxy", handler: removeAllKeys }]

/** From 2025-06-03: the key in the path. */
const byPath: Table = [
  { method: "GET", path: "/auth/proxy/{key}", handler: lookupKeyByPath },
  { method: "POST", path: "/auth/proxy/update/{key}", handler: updateKey, takesBody: true },
  { method: "POST", path: "/auth/proxy/toggle/{key}", handler: toggleKey },
  { method: "DELETE", path: "/auth/proxy/delete/{key}", handler: removeKeyByPath }
]

export const routeTable = (switches: Settled): Table => [
  ...always,
  ...(switches.staticRoutes ? byBody : []),
  ...(switches.bulkRoutes === "old" ? [] : bulkNew),
  ...(switches.bulkRoutes === "new" ? [] : bulkOld),
  ...(switches.legacyRoutes ? byPath : [])
]
