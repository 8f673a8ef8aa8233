import { JSONSchema, type SchemaAST } from "effect"
import * as Shapes from "./Shapes.ts"

interface Shape {
  readonly ast: SchemaAST.AST
}

/** One operation of the upstream: what it takes, what it answers, and what else it may answer. */
interface Operation {
  readonly method: "get" | "post" | "delete"
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly takes?: Shape
  readonly optionalBody?: true
  readonly status?: 201
  readonly gives: Shape
  readonly fails: ReadonlyArray<number>
}

const oneKey = [400, 401, 403, 404, 429]
const oneKeyByPath = [401, 403, 404, 429]

/** Statuses beside success are those of the pages of G2; 403 has four meanings, see the reference. */
const operations: ReadonlyArray<Operation> = [
  {
    method: "get",
    path: "/auth/proxy",
    id: "list",
    summary: "Every key of the account, secrets included; no pages.",
    gives: Shapes.ProxyKeys,
    fails: [401, 403, 429]
  },
  {
    method: "post",
    path: "/auth/proxy/create",
    id: "create",
    summary: "A new key; not idempotent. 403: the plan's number of keys is reached.",
    takes: Shapes.CreateRequest,
    status: 201,
    gives: Shapes.ProxyKey,
    fails: [400, 401, 402, 403, 429]
  },
  {
    method: "post",
    path: "/auth/proxy/lookup",
    id: "lookup",
    summary: "One key.",
    takes: Shapes.KeyRequest,
    gives: Shapes.LookedUpKey,
    fails: oneKey
  },
  {
    method: "post",
    path: "/auth/proxy/update",
    id: "update",
    summary: "Replaces every setting of a key: an allow-list left out is lifted.",
    takes: Shapes.UpdateRequest,
    gives: Shapes.Updated,
    fails: oneKey
  },
  {
    method: "post",
    path: "/auth/proxy/toggle",
    id: "toggle",
    summary: "Flips is_active; says the state after the call.",
    takes: Shapes.KeyRequest,
    gives: Shapes.Toggled,
    fails: oneKey
  },
  {
    method: "post",
    path: "/auth/proxy/remove",
    id: "remove",
    summary: "Deletes one key, for good; unused credit returns to the balance.",
    takes: Shapes.KeyRequest,
    gives: Shapes.Deleted,
    fails: oneKey
  },
  {
    method: "delete",
    path: "/auth/proxy/delete",
    id: "deleteAll",
    summary: "Deletes every key, one by one; the same answer when there was none.",
    gives: Shapes.AllDeleted,
    fails: [401, 403, 429]
  },
  {
    method: "post",
    path: "/auth/proxy/validate",
    id: "validate",
    summary: "Called with a proxy key: may it be used, for this model, from here?",
    takes: Shapes.ValidateRequest,
    optionalBody: true,
    gives: Shapes.Verdict,
    fails: [400, 401, 429]
  },
  {
    method: "delete",
    path: "/auth/proxy",
    id: "deleteAllOld",
    summary: "delete-all of the documents before 2026-05-23.",
    gives: Shapes.AllDeleted,
    fails: [401, 403, 429]
  },
  {
    method: "get",
    path: "/auth/proxy/{proxy_key}",
    id: "lookupByPath",
    summary: "lookup with the key in the path.",
    gives: Shapes.LookedUpKey,
    fails: oneKeyByPath
  },
  {
    method: "post",
    path: "/auth/proxy/update/{proxy_key}",
    id: "updateByPath",
    summary: "update with the key in the path.",
    takes: Shapes.PathUpdateRequest,
    gives: Shapes.Updated,
    fails: oneKey
  },
  {
    method: "post",
    path: "/auth/proxy/toggle/{proxy_key}",
    id: "toggleByPath",
    summary: "toggle with the key in the path.",
    gives: Shapes.Toggled,
    fails: oneKeyByPath
  },
  {
    method: "delete",
    path: "/auth/proxy/delete/{proxy_key}",
    id: "removeByPath",
    summary: "remove with the key in the path.",
    gives: Shapes.Deleted,
    fails: oneKeyByPath
  },
  {
    method: "get",
    path: "/auth/key/regen",
    id: "regenerate",
    summary: "A GET that destroys: a new master key, the old one dead at once. Once an hour.",
    gives: Shapes.NewMasterKey,
    fails: [401, 403, 429]
  },
  {
    method: "get",
    path: "/user/me",
    id: "user",
    summary: "Plan, credits and use of the account.",
    gives: Shapes.User,
    fails: [401, 403, 429]
  },
  {
    method: "get",
    path: "/user/logs",
    id: "logs",
    summary: "Recent model calls, with the whole key of each caller.",
    gives: Shapes.Logs,
    fails: [401, 403, 429]
  },
  {
    method: "get",
    path: "/user/models",
    id: "models",
    summary: "Use by model.",
    gives: Shapes.ModelUse,
    fails: [401, 403, 429]
  }
]

/** The upstream's proxy-key API as an OpenAPI 3.1 document: how Keysweep reads the vendor's pages, generation G2. */
export const openApiDocument = () => {
  const schemas: Parameters<typeof JSONSchema.fromAST>[1]["definitions"] = {}
  const refTo = (schema: Shape) =>
    JSONSchema.fromAST(schema.ast, {
      definitions: schemas,
      definitionPath: "#/components/schemas/",
      target: "openApi3.1"
    })
  const content = (schema: Shape) => ({ "application/json": { schema: refTo(schema) } })

  const described = (operation: Operation) => ({
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.path.includes("{") ? { parameters: [keyInPath] } : {}),
    ...(operation.takes === undefined
      ? {}
      : { requestBody: { required: operation.optionalBody !== true, content: content(operation.takes) } }),
    responses: Object.fromEntries([
      [String(operation.status ?? 200), { description: "Done", headers, content: content(operation.gives) }],
      ...operation.fails.map((status) => [String(status), { $ref: `#/components/responses/${status}` }])
    ])
  })
  const responses = Object.fromEntries(
    Object.entries(meanings).map(([status, description]) => [
      status,
      { description, headers, content: content(Shapes.Failure) }
    ])
  )
  const paths = Object.fromEntries(
    [...new Set(operations.map(({ path }) => path))].map((path) => [
      path,
      Object.fromEntries(operations.filter((each) => each.path === path).map((each) => [each.method, described(each)]))
    ])
  )
  return {
    openapi: "3.1.0",
    info: {
      title: "Electron Hub proxy keys, as Keysweep reads the documents",
      version: "2026-07-22",
      description:
        "Written from the vendor's public pages (generation of 2026-07-07 and later) by people who have nothing to do with the vendor, and never compared with the live service."
    },
    servers: [{ url: "https://api.electronhub.ai/v1" }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      responses,
      headers: limitHeaders,
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } }
    }
  }
}

const header = (description: string) => ({ description, required: true, schema: { type: "integer" } })
const limitHeaders = {
  "X-RateLimit-Limit": header("Requests per 60 s"),
  "X-RateLimit-Remaining": header("Requests left in the window"),
  "X-RateLimit-Reset": header("Unix seconds")
}
const headers = Object.fromEntries(
  Object.keys(limitHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }])
)
const keyInPath = { name: "proxy_key", in: "path", required: true, schema: { type: "string" } }
const meanings: { readonly [status: number]: string } = {
  400: "The data is wrong, or does not fit the schema",
  401: "The key is missing, wrong, or of the wrong kind",
  402: "The balance is too low",
  403: "A key of somebody else, a proxy key that manages keys, or the plan's number of keys",
  404: "No such key",
  429: "Too many requests: nothing for 180 s"
}
