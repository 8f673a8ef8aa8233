import { Context, DateTime, Effect, Either, Layer, Redacted, Schema } from "effect"
import { calls, type Call } from "./Calls.ts"
import { Credit } from "./Credit.ts"
import type { ReadError } from "./KeyReader.ts"
import { KeyId, keyIdOf, proxyKeySecret } from "./ProxyKey.ts"
import { repeatable } from "./RetryPolicy.ts"
import { withoutSecrets } from "./SafeText.ts"
import { decodeReply, Transport } from "./Transport.ts"
import { WireLogs, WireUser } from "./Wire.ts"

/** The account as a whole. The upstream shows neither its rate limit here nor how many keys its plan allows. */
export class AccountUse extends Schema.Class<AccountUse>("AccountUse")({
  /** As the upstream spells it: `free`, `pro`, … */
  subscription: Schema.NullOr(Schema.String),
  /** What is left to spend. */
  balance: Credit,
  inputTokens: Schema.NullOr(Schema.Number),
  outputTokens: Schema.NullOr(Schema.Number),
  /** Requests a day, about a week, in no documented order. `date` is the upstream's text, `2026-11-21`. */
  history: Schema.Array(Schema.Struct({ date: Schema.String, requests: Schema.Number })),
  /** Requests per kind of call, such as `chat.completions`. */
  endpoints: Schema.Record({ key: Schema.String, value: Schema.Number })
}) {}

/** One model request out of the account's log. */
export class UseRecord extends Schema.Class<UseRecord>("UseRecord")({
  at: Schema.DateTimeUtc,
  /** `null`: not made with a proxy key. */
  key: Schema.NullOr(KeyId),
  model: Schema.NullOr(Schema.String),
  route: Schema.NullOr(Schema.String),
  /** What it cost. */
  spent: Credit,
  /** `success`, `cancelled`, `error`. */
  status: Schema.NullOr(Schema.String),
  address: Schema.NullOr(Schema.String),
  inputTokens: Schema.NullOr(Schema.Number),
  outputTokens: Schema.NullOr(Schema.Number)
}) {}

/** Reads what concerns the account and not one key. Reads only; repeated when no answer came. */
export class AccountReader extends Context.Tag("@keysweep/core/AccountReader")<
  AccountReader,
  {
    /** Balance and use. Counts against the rate limit but for once a minute. Source: `usage`. */
    readonly use: Effect.Effect<AccountUse, ReadError>
    /**
     * The latest model requests, in the upstream's order. How far back they go, and whether requests made with proxy
     * keys are among them, is not documented: that a key does not appear proves nothing. Source: `user-logs`.
     */
    readonly log: Effect.Effect<ReadonlyArray<UseRecord>, ReadError>
  }
>() {
  static readonly layer = Layer.effect(
    AccountReader,
    Effect.gen(function* () {
      const transport = yield* Transport
      const read = <A, I>({ name, routes }: Call, schema: Schema.Schema<A, I>) =>
        Effect.suspend(() => transport.send({ call: name, route: routes.static, path: routes.static.path })).pipe(
          Effect.flatMap(decodeReply(schema)),
          Effect.retry(repeatable)
        )
      return AccountReader.of({
        use: Effect.map(read(calls.user, WireUser), useOf).pipe(Effect.withSpan("AccountReader.use")),
        log: Effect.map(read(calls.logs, WireLogs), (entries) => entries.map(recordOf)).pipe(
          Effect.withSpan("AccountReader.log")
        )
      })
    })
  )
}

const useOf = (wire: WireUser): AccountUse =>
  AccountUse.make({
    subscription: safe(wire.subscription),
    balance: wire.credits,
    inputTokens: wire.usage?.input_tokens ?? null,
    outputTokens: wire.usage?.output_tokens ?? null,
    history: (wire.history ?? []).map(({ date, requests }) => ({ date: withoutSecrets(date), requests })),
    endpoints: Object.fromEntries(
      Object.entries(wire.endpoints ?? {}).map(([name, count]) => [withoutSecrets(name), count])
    )
  })

const recordOf = (wire: WireLogs[number]): UseRecord =>
  UseRecord.make({
    at: DateTime.unsafeMake(wire.timestamp * 1000),
    key: Either.getOrNull(Either.map(proxyKeySecret(Redacted.value(wire.key)), keyIdOf)),
    model: safe(wire.model),
    route: safe(wire.route),
    spent: wire.credits,
    status: safe(wire.status),
    address: safe(wire.ip),
    inputTokens: wire.input_tokens ?? null,
    outputTokens: wire.output_tokens ?? null
  })

const safe = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : withoutSecrets(text)
