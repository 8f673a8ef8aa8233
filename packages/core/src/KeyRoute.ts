import { Effect, Option } from "effect"
import { InvalidRequest } from "./ApiError.ts"
import type { Call } from "./Calls.ts"
import type { Dialect } from "./Dialect.ts"
import { keySegment } from "./KeyPath.ts"
import type { ProxyKeySecret } from "./ProxyKey.ts"
import type { Outgoing } from "./Transport.ts"
import { keyBody } from "./Wire.ts"

/**
 * A call that names one key, addressed in a dialect: the key in the body, or as one checked segment of the path;
 * `body` is what else it says. `InvalidRequest` where a key cannot be such a segment; nothing was sent then.
 */
export const addressKey = (
  call: Call,
  dialect: Dialect,
  secret: ProxyKeySecret,
  body?: { readonly [field: string]: unknown }
): Effect.Effect<Outgoing, InvalidRequest> => {
  const route = call.routes[dialect]
  if (dialect === "static") {
    return Effect.succeed({ call: call.name, route, path: route.path, body: { ...body, ...keyBody(secret) } })
  }
  return Option.match(keySegment(secret), {
    onNone: () =>
      Effect.fail(
        new InvalidRequest({
          call: call.name,
          status: 0,
          detail: "this key cannot travel safely in a path; nothing was sent. Use the static dialect."
        })
      ),
    onSome: (segment) =>
      Effect.succeed({ call: call.name, route, path: route.path.replace("{key}", () => segment), body })
  })
}
