import { Either } from "effect"
import type { Schema } from "effect"
import type { Answer } from "./Answer.ts"
import type { Caller } from "./Caller.ts"
import type { Refusal } from "./Refusal.ts"
import { invalidBody, refusal } from "./Refusal.ts"
import { decodeBody } from "./RequestBody.ts"
import type { StoredAccount } from "./AccountState.ts"
import type { World } from "./World.ts"

/** A request as received, before anything is known about it. */
export interface Received {
  readonly method: string
  /** The raw request target. */
  readonly target: string
  readonly body: string
  readonly address: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** Delete-all stops after so many keys: the fault `partial`. */
  readonly stopAfter?: number | undefined
}

/** A request that has found its route. */
export interface Call {
  readonly received: Received
  readonly caller: Caller
  readonly world: World
  /** JSON that parsed; `undefined`: no body. */
  readonly body: unknown
  /** The key out of the path, if the route has one. */
  readonly pathKey: string | undefined
}

export type Handler = (call: Call) => Either.Either<Answer, Refusal>

export const refuse = (status: number, message: string, param: string | null = null): Either.Either<never, Refusal> =>
  Either.left(refusal(status, message, param))

/** The account whose master key the caller holds. */
export const masterAccount = (call: Call): Either.Either<StoredAccount, Refusal> => {
  switch (call.caller._tag) {
    case "Master":
      return Either.right(call.caller.account)
    case "Proxy":
      return refuse(
        call.world.switches.proxyKeyStatus,
        "This key has no permission to access proxy keys. Use the API key of the account."
      )
    case "Nobody":
      return refuse(401, call.caller.why)
  }
}

export const bodyOf = <A, I>(call: Call, schema: Schema.Schema<A, I>): Either.Either<A, Refusal> =>
  decodeBody(schema, call.body).pipe(Either.mapLeft((issues) => invalidBody(issues, call.world.switches)))
