import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck as fc, Option, Redacted, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { ApiError } from "../src/ApiError.ts"
import { type Answer, answering } from "./support/Answering.ts"
import { allCalls, secret } from "./support/EveryCall.ts"
import { firstLeak } from "./support/Leaks.ts"
import { masterKey, stack } from "./support/Stack.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

const folder = fileURLToPath(new URL("fixtures/", import.meta.url))
const documented = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map(
    (name) =>
      Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ body: Schema.Unknown })))(
        readFileSync(folder + name, "utf8")
      ).body
  )

const proxyKey = Redacted.value(secret)
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    -1,
    1e300,
    -1e18,
    0.1 + 0.2,
    "",
    "NaN",
    [],
    {},
    masterKey,
    proxyKey,
    `x${proxyKey}`,
    "-1",
    true
  ),
  fc.constantFrom<unknown>(
    { __proto__: null, toString: 1, constructor: 2, hasOwnProperty: 3 },
    { error: { message: masterKey } }
  )
)

/** A documented body with some of its values replaced, removed or added. */
const mutated = fc
  .tuple(
    fc.constantFrom(...documented),
    fc.array(fc.tuple(fc.nat(20), oddValue, fc.constantFrom("replace", "remove", "add")), {
      minLength: 1,
      maxLength: 4
    })
  )
  .map(([body, changes]) => changes.reduce((value, [index, odd, how]) => change(value, index, odd, how), body))

const change = (value: unknown, index: number, odd: unknown, how: string): unknown => {
  if (Array.isArray(value)) {
    if (value.length === 0 || how === "add") return [...value, odd]
    return value.map((item, at) => (at === index % value.length ? change(item, index, odd, how) : item))
  }
  if (typeof value !== "object" || value === null) return odd
  const entries = Object.entries(value)
  if (entries.length === 0 || how === "add")
    return { ...value, [`field${index}`]: odd, ...(index === 3 ? { ["__proto__"]: odd } : {}) }
  return Object.fromEntries(
    entries.flatMap(([field, inner], at) =>
      at !== index % entries.length ? [[field, inner]] : how === "remove" ? [] : [[field, odd]]
    )
  )
}

const text = fc.oneof(
  { weight: 5, arbitrary: mutated.map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...documented), fc.nat(200))
      .map(([body, cut]) => JSON.stringify(body).slice(0, cut))
  },
  { weight: 1, arbitrary: oddValue.map((value) => JSON.stringify(value) ?? "") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "",
      " ",
      "null",
      "[]",
      "{}",
      "\u0000",
      "\ufeff[]",
      `<!DOCTYPE html><title>Just a moment...</title>${masterKey}`,
      "error code: 1020",
      "[".repeat(5000) + "]".repeat(5000),
      `{"a":`.repeat(5000) + "1" + "}".repeat(5000),
      `[${`{"key":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}`}]`,
      '{"key":"ek-proxy-1234567890abcdef","name":"n","expires_at":1e999,"allocated_ammount":1}',
      '{"key":"ek-proxy-\\ud800","name":"n","expires_at":-1,"allocated_ammount":1}',
      JSON.stringify("x".repeat(50_000)),
      "data: {}\n\n"
    )
  }
)

const malformed: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(200, 201) },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        202,
        204,
        206,
        301,
        302,
        304,
        307,
        308,
        400,
        401,
        402,
        403,
        404,
        405,
        409,
        410,
        413,
        418,
        422,
        429,
        451,
        499
      )
    },
    { weight: 1, arbitrary: fc.constantFrom(408, 500, 502, 503, 520, 529, 599) }
  ),
  body: text,
  headers: fc.constantFrom(
    {},
    {},
    { "content-type": "text/html" },
    { "content-length": "5" },
    { "retry-after": "0" },
    { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" },
    { "retry-after": "-5", "x-ratelimit-limit": "0" },
    { "retry-after": "1e3" },
    { "x-ratelimit-limit": "5, 5", "x-ratelimit-remaining": "NaN" },
    { "x-ratelimit-limit": "999999", "x-ratelimit-remaining": "-1" },
    { "x-ratelimit-limit": "10", "x-ratelimit-remaining": "999" },
    { location: "/v1/auth/proxy/delete" }
  )
})

const isApiError = Schema.is(ApiError)

describe("malformed answers", { timeout: 180_000 }, () => {
  // Thousands of stacks, each mapped back to its sources, would take longer than everything else.
  const limit = Error.stackTraceLimit
  beforeAll(() => void (Error.stackTraceLimit = 0))
  afterAll(() => void (Error.stackTraceLimit = limit))

  for (const [seed, [name, call]] of allCalls.filter(([name]) => !name.includes(" by ")).entries()) {
    it(`500 to ${name}: each ends in a value or a typed error, and none leaks`, async () => {
      const upstream = answering([])
      await new VirtualTime().run(
        Effect.forEach(fc.sample(malformed, { numRuns: 500, seed }), (answer) =>
          Effect.gen(function* () {
            upstream.change([answer])
            const exit: Exit.Exit<unknown, unknown> = yield* Effect.exit(call)
            const what = `${answer.status} ${JSON.stringify(answer.headers)} ${answer.body.slice(0, 300)}`
            if (Exit.isFailure(exit)) {
              const error = Option.getOrNull(Cause.failureOption(exit.cause))
              assert.isTrue(isApiError(error), `${what}\n${Cause.pretty(exit.cause)}`)
              if (error instanceof Error) assert.isAtMost([...error.message].length, 320)
            }
            const made = name === "regenerate" ? [] : [proxyKey]
            assert.deepStrictEqual(
              firstLeak([inspect(exit, { depth: 12 }), JSON.stringify(exit)], [masterKey, ...made]),
              Option.none(),
              what
            )
            if (name === "delete-all" || name === "regenerate" || name === "create") {
              const sent = upstream.asked.filter(({ method, path }) => method !== "GET" || path.endsWith("/regen"))
              assert.isAtMost(
                sent.filter(({ path }) => !path.endsWith("/lookup")).length,
                name === "create" ? 4 : 1,
                what
              )
            }
          })
        ).pipe(Effect.provide(stack(upstream.layer)))
      )
    })
  }
})
