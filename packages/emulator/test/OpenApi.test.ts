import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Validator } from "@seriousme/openapi-schema-validator"
import { Ajv2020 } from "ajv/dist/2020.js"
import { Effect } from "effect"
import { Emulator } from "@keysweep/emulator/Emulator"
import { openApiDocument } from "@keysweep/emulator/openapi/Document"
import { account, ask, oneKey, only, type Asking, type Reply, type Running } from "./support.ts"

const document = openApiDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true }).addSchema(document, "upstream")

interface Seen {
  readonly operation: string
  readonly reply: Reply
}

const foreign = "ek-proxy-of-somebody-else"
const settings = { name: "n", expires_at: -1, allocated_ammount: 1 }
const start = (rpm: number) => {
  const other = { apiKey: "ek-other", keys: [{ name: "theirs", key: foreign, allocated_ammount: 1 }] }
  const seed = { accounts: [oneKey().accounts[0], other] } as const
  return Emulator.start({ seed, rpm, keyCap: 3 })
}

/** One call of an operation, on a key where it names one. */
const call = (emulator: Running, id: string, key: string, asking: Asking): Effect.Effect<Seen> => {
  const [method, path] = operations[id] ?? ["GET", ""]
  return ask(emulator, method, `/v1${path.replace("{proxy_key}", key)}`, asking).pipe(
    Effect.orDie,
    Effect.map((reply) => ({ operation: id, reply }))
  )
}

const operations: { readonly [id: string]: readonly [string, string] } = Object.fromEntries(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, [method.toUpperCase(), path]] as const)
  )
)

const naming = ["lookup", "update", "toggle", "remove", "lookupByPath", "updateByPath", "toggleByPath", "removeByPath"]
const validating = (key: string): Asking => ({ key, body: { model: "gpt-4o" } })

/** Every operation in every way that the document knows; each on a fresh emulator. */
const tour = Effect.gen(function* () {
  const seen: Array<Seen> = []
  for (const id of Object.keys(operations)) {
    const own: Asking = id === "validate" ? validating(only) : { body: { proxy_key: only, ...settings } }
    const visit = (key: string, asking: Asking, rpm = 100) =>
      Effect.gen(function* () {
        const emulator = yield* start(rpm)
        if (rpm === 1) yield* call(emulator, id, key, asking)
        if (id === "logs" || id === "models") {
          yield* ask(emulator, "POST", "/v1/chat/completions", { key: only, body: { model: "m", messages: [] } })
        }
        seen.push(yield* call(emulator, id, key, asking))
      })
    yield* visit(only, own)
    yield* visit(only, { ...own, key: "ek-wrong" })
    yield* visit(only, own, 1)
    if (id !== "validate") yield* visit(only, { ...own, key: only })
    if (id === "validate") yield* visit(only, {})
    if (naming.includes(id)) {
      yield* visit("ek-proxy-unknown", { body: { proxy_key: "ek-proxy-unknown", ...settings } })
      yield* visit(foreign, { body: { proxy_key: foreign, ...settings } })
      yield* visit(only, { body: {} })
    }
  }
  const emulator = yield* start(100)
  const create = (change: object) => call(emulator, "create", only, { body: { ...settings, ...change } })
  seen.push(yield* create({ allocated_ammount: 0 }), yield* create({ allocated_ammount: 9999 }))
  yield* create({})
  yield* create({})
  seen.push(yield* create({}))
  const hour = yield* start(100)
  yield* call(hour, "regenerate", only, {})
  seen.push(yield* call(hour, "regenerate", only, { key: (yield* account(hour)).apiKey }))
  return seen
}).pipe(Effect.scoped)

const responsesOf = (operation: string): { readonly [status: string]: object } => {
  const [method = "", path = ""] = operations[operation] ?? []
  return document.paths[path]?.[method.toLowerCase()]?.responses ?? {}
}

const wrong = ({ operation, reply }: Seen): string | undefined => {
  const status = String(reply.status)
  const [method = "", path = ""] = operations[operation] ?? []
  if (responsesOf(operation)[status] === undefined) return `${operation} answered an undocumented ${status}`
  const pointer = (parts: ReadonlyArray<string>) =>
    parts.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")
  const inPlace = ["paths", path, method.toLowerCase(), "responses", status]
  const shared = reply.status >= 400 ? ["components", "responses", status] : inPlace
  const schema = `upstream#/${pointer([...shared, "content", "application/json", "schema"])}`
  const validate = ajv.getSchema(encodeURI(schema)) ?? ajv.compile({ $ref: encodeURI(schema) })
  if (validate(reply.json) !== true) return `${operation} ${status}: ${ajv.errorsText(validate.errors)}: ${reply.text}`
  const headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
  const missing = headers.find((name) => !/^\d+$/.test(String(reply.headers[name])))
  return missing === undefined ? undefined : `${operation} ${status}: no ${missing}`
}

describe("openapi.json", () => {
  it("is what the schemas give (pnpm openapi writes it)", () => {
    const written: unknown = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"))
    assert.deepStrictEqual(written, JSON.parse(JSON.stringify(document)))
  })

  it.effect("is a valid OpenAPI 3.1 document", () =>
    Effect.gen(function* () {
      const result = yield* Effect.promise(() => new Validator().validate(JSON.parse(JSON.stringify(document))))
      assert.deepStrictEqual(result, { valid: true })
    })
  )

  it.live("every answer of the emulator fits it, and every answer that it names was seen", () =>
    Effect.gen(function* () {
      const seen = yield* tour
      assert.deepStrictEqual(
        seen.map(wrong).filter((it) => it !== undefined),
        []
      )
      const known = Object.keys(operations).flatMap((id) =>
        Object.keys(responsesOf(id)).map((status) => `${id} ${status}`)
      )
      const met = new Set(seen.map(({ operation, reply }) => `${operation} ${reply.status}`))
      assert.deepStrictEqual(
        known.filter((it) => !met.has(it)),
        []
      )
    })
  )
})
