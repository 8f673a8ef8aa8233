import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { Account, makeAccount } from "../src/Account.ts"
import { keyIdOf, proxyKeySecret } from "../src/ProxyKey.ts"
import { jsonWithoutSecrets, oneLine, withoutSecrets } from "../src/SafeText.ts"
import { type Answer, answering } from "./support/Answering.ts"
import { allCalls, secret } from "./support/EveryCall.ts"
import { firstLeak, logged, textsOf, watching } from "./support/Leaks.ts"
import { masterKey, stack } from "./support/Stack.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

const proxyKey = Redacted.value(secret)
const other = "ek-proxy-fedcba0987654321"
const secrets = [masterKey, proxyKey, other, encodeURIComponent(proxyKey)]
const echo = `your key ${proxyKey} and ${masterKey} and ${other}`
const record = {
  key: proxyKey,
  name: other,
  expires_at: -1,
  allocated_ammount: 1,
  model_whitelist: [other],
  ip_whitelist: [other],
  [other]: { [other]: [other, { deep: masterKey }] },
  user_id: other
}

/** Upstreams that repeat in their answers whatever they were told, in every shape. */
const upstreams: { readonly [name: string]: Answer } = {
  "a list": {
    status: 200,
    body: JSON.stringify([record, { ...record, key: other }, { ...record, key: 7, name: echo }, echo])
  },
  "a record": { status: 200, body: JSON.stringify(record) },
  "a broken record": { status: 200, body: JSON.stringify({ ...record, expires_at: echo }) },
  "a verdict": { status: 200, body: JSON.stringify({ valid: true, message: echo, status: true }) },
  "a log": {
    status: 200,
    body: JSON.stringify([
      { key: proxyKey, credits: 1, timestamp: 1, model: echo, route: echo, ip: echo, status: echo }
    ])
  },
  "an account": {
    status: 200,
    body: JSON.stringify({
      credits: 1,
      subscription: echo,
      history: [{ date: echo, requests: 1 }],
      endpoints: { [echo]: 1 }
    })
  },
  "a new master key": { status: 200, body: JSON.stringify({ key: other.replace("proxy-", "") }) },
  nonsense: { status: 200, body: echo },
  "an HTML page": { status: 403, body: `<html>${echo}</html>` },
  "a redirect": { status: 307, body: echo, headers: { location: `/v1/auth/proxy/${proxyKey}` } },
  ...Object.fromEntries(
    [400, 401, 403, 404, 405, 418, 429, 503].flatMap((status) => [
      [
        `${status} envelope`,
        { status, body: JSON.stringify({ error: { message: echo, type: echo, param: echo, code: echo } }) }
      ],
      [`${status} text`, { status, body: echo }],
      [
        `${status} detail`,
        { status, body: JSON.stringify({ detail: [{ msg: echo, input: { proxy_key: proxyKey } }] }) }
      ]
    ])
  )
}

const quiet = (name: string) =>
  name === "a new master key" ? [masterKey, proxyKey, other, "ek-fedcba0987654321"] : secrets

describe("I8: a secret is in no message, log, span or inspected value", () => {
  for (const [name, answer] of Object.entries(upstreams)) {
    it(`I8: of any call, when the upstream answers with ${name}`, async () => {
      const watch = watching()
      const exits = await new VirtualTime().run(
        Effect.forEach(allCalls, ([, call]) => logged(call)).pipe(
          Effect.provide(Layer.merge(stack(answering([answer]).layer), watch.layer))
        )
      )
      assert.deepStrictEqual(firstLeak([...watch.written, ...exits.flatMap(textsOf)], quiet(name)), Option.none())
    })
  }

  it("I8: of any call, when the HTTP client fails or breaks with the request in its error", async () => {
    for (const client of [
      HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(echo), description: echo })
        )
      ),
      HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.ResponseError({
            request,
            response: HttpClientResponse.fromWeb(request, new Response(echo)),
            reason: "Decode",
            cause: { code: proxyKey }
          })
        )
      ),
      HttpClient.make((request, url) => Effect.die(new Error(`${url} ${echo}`, { cause: request })))
    ]) {
      const watch = watching()
      const exits = await new VirtualTime().run(
        Effect.forEach(allCalls, ([, call]) => logged(call)).pipe(
          Effect.provide(Layer.merge(stack(Layer.succeed(HttpClient.HttpClient, client)), watch.layer))
        )
      )
      assert.deepStrictEqual(firstLeak([...watch.written, ...exits.flatMap(textsOf)], secrets), Option.none())
    }
  })

  it("the watch is awake: it finds a secret in a span, in a log line and in an error", async () => {
    for (const leak of [
      Effect.withSpan(Effect.void, "x", { attributes: { url: proxyKey } }),
      Effect.logInfo(proxyKey),
      Effect.fail({ _tag: "Leak", message: proxyKey }),
      Effect.succeed({ deep: [{ secret: proxyKey }] })
    ]) {
      const watch = watching()
      const exit = await new VirtualTime().run(Effect.provide(logged(leak), watch.layer))
      assert.isTrue(Option.isSome(firstLeak([...watch.written, ...textsOf(exit)], secrets)))
    }
  })

  it.effect("I8: nor of the account's settings, taken or refused", () =>
    Effect.gen(function* () {
      const account = yield* Effect.provide(Account, stack(answering([]).layer))
      assert.deepStrictEqual(firstLeak(textsOf(account), secrets), Option.none())
      for (const options of [
        { masterKey: Redacted.make(proxyKey) },
        { masterKey: Redacted.make(`ek-dev-${other}`) },
        { masterKey: Redacted.make(`${masterKey}\n`) },
        { masterKey: Redacted.make(masterKey), baseUrl: `http://${masterKey}:${proxyKey}@example.org` },
        { masterKey: Redacted.make(masterKey), baseUrl: proxyKey }
      ]) {
        const refused = yield* Effect.exit(makeAccount(options))
        assert.strictEqual(refused._tag, "Failure")
        assert.deepStrictEqual(firstLeak(textsOf(refused), secrets), Option.none())
      }
      assert.deepStrictEqual(firstLeak(textsOf(proxyKeySecret(`ek-prox-${proxyKey}`)), secrets), Option.none())
    })
  )
})

describe("withoutSecrets", () => {
  it("replaces a proxy key by its id, whatever characters it has, and a master key by a mark", () => {
    const id = keyIdOf(secret)
    assert.strictEqual(withoutSecrets(`see ${proxyKey}, then`), `see [${id}], then`)
    assert.strictEqual(withoutSecrets(`(${masterKey})`), "([secret])")
    for (const odd of [
      "ek-proxy-a",
      "ek-proxy-a!b:c/d",
      "ek-proxy-ключ",
      "ek-dev-1",
      "xek-proxy-123",
      `Bearer${masterKey}`
    ]) {
      assert.notMatch(withoutSecrets(odd), /ek-(proxy|dev|MASTER)/)
    }
    assert.notInclude(withoutSecrets(`Bearerek-${"m".repeat(24)}${proxyKey}`), proxyKey.slice(9))
  })

  it("leaves words alone that only contain the letters", () => {
    for (const word of [
      "week-overview-report",
      "Greek-translations",
      "sleek-dashboard-prod",
      "ek-",
      "seek-bar",
      "(ek-proxy-…): see"
    ]) {
      assert.strictEqual(withoutSecrets(word), word)
    }
  })

  it("changes nothing in a text that it has already been through", () => {
    const once = withoutSecrets(echo)
    assert.strictEqual(withoutSecrets(once), once)
  })

  it("cleans names of fields too, and does not fall over a value of any depth", () => {
    let deep: unknown = proxyKey
    for (let depth = 0; depth < 20_000; depth++) deep = [deep]
    assert.notInclude(JSON.stringify(jsonWithoutSecrets({ [proxyKey]: deep })), proxyKey)
  })
})

describe("oneLine", () => {
  it("is one line without controls or bidirectional marks, of at most so many characters, never half a character", () => {
    assert.strictEqual(oneLine("a\r\nb\u202ec\u0000d\u2028e"), "a b c d e")
    const emoji = "\u{1f511}".repeat(500)
    assert.strictEqual([...oneLine(emoji)].length, 200)
    assert.notMatch(oneLine(emoji), /\p{Surrogate}/u)
    assert.isAtMost([...oneLine("x".repeat(50_000_000))].length, 200)
  })
})
