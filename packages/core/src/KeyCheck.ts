import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { InvalidRequest } from "./ApiError.ts"
import { calls } from "./Calls.ts"
import type { ReadError } from "./KeyReader.ts"
import type { ProxyKeySecret } from "./ProxyKey.ts"
import { repeatable } from "./RetryPolicy.ts"
import { oneLine } from "./SafeText.ts"
import { decodeReply, Transport } from "./Transport.ts"

/** What the upstream says of a proxy key that is used from this machine. */
export const Verdict = Schema.Struct({ valid: Schema.Boolean, message: Schema.String })
export type Verdict = typeof Verdict.Type

/** Asks with a proxy key itself whether it works; the master key is not sent. */
export class KeyCheck extends Context.Tag("@keysweep/core/KeyCheck")<
  KeyCheck,
  {
    /**
     * Whether the key may be used from this address now, and for `model` if one is named. A refusal is a verdict, not
     * an error. `Unauthorized`: the upstream does not know the key; what it answers for a disabled one is not
     * documented. A read; repeated when no answer came. Counts against a rate limit. Source: `proxy-validate`.
     */
    readonly validate: (secret: ProxyKeySecret, model?: string) => Effect.Effect<Verdict, ReadError>
  }
>() {
  static readonly layer = Layer.effect(
    KeyCheck,
    Effect.gen(function* () {
      const transport = yield* Transport
      const route = calls.validate.routes.static
      return KeyCheck.of({
        validate: Effect.fn("KeyCheck.validate")((secret: ProxyKeySecret, model?: string) => {
          if (!/^[\x21-\x7e]+$/.test(Redacted.value(secret))) return cannotTravel
          const body = model === undefined ? {} : { model }
          return transport.send({ call: "validate", route, path: route.path, body, bearer: secret }).pipe(
            Effect.flatMap(decodeReply(Verdict)),
            Effect.map(({ valid, message }) => ({ valid, message: oneLine(message) })),
            Effect.retry(repeatable)
          )
        })
      })
    })
  )
}

const cannotTravel = new InvalidRequest({
  call: "validate",
  status: 0,
  detail: "this key cannot travel in a header; nothing was sent"
})
