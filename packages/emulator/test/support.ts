import { request } from "node:http"
import { Effect, Redacted, Schema } from "effect"
import type { Context } from "effect"
import type { Emulator } from "@keysweep/emulator/Emulator"
import type { AccountInput, KeyInput, StateInput, StoredAccount, StoredKey } from "@keysweep/emulator/AccountState"

export type Running = Context.Tag.Service<Emulator>

export interface Reply {
  readonly status: number
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly text: string
  /** The body as JSON, or `undefined`. */
  readonly json: unknown
}

export class Cut extends Schema.TaggedError<Cut>()("Cut", { after: Schema.Literal("nothing", "headers") }) {}

export interface Asking {
  /** Left out: the master key; `null`: no key. */
  readonly key?: string | null
  readonly body?: unknown
  /** Sent instead of `body`, as it is. */
  readonly text?: string
  readonly headers?: { readonly [name: string]: string }
}

/** One request with the target exactly as given: no client in between tidies it up. */
export const ask = (
  emulator: Running,
  method: string,
  target: string,
  asking: Asking = {}
): Effect.Effect<Reply, Cut> =>
  Effect.async<Reply, Cut>((resume) => {
    const key = asking.key === undefined ? Redacted.value(emulator.apiKey) : asking.key
    const body = asking.text ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body))
    const headers = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...asking.headers
    }
    const sent = request(
      { host: "127.0.0.1", port: emulator.port, method, path: target, headers, agent: false },
      (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => {
          text += chunk
        })
        response.on("error", () => resume(new Cut({ after: "headers" })))
        response.on("end", () =>
          resume(
            Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
          )
        )
      }
    )
    sent.on("error", () => resume(new Cut({ after: "nothing" })))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })

const parsed = (text: string): unknown =>
  Schema.decodeUnknownOption(Schema.parseJson())(text).pipe((it) => (it._tag === "Some" ? it.value : undefined))

export const control = (emulator: Running, method: string, name: string, body?: unknown): Effect.Effect<Reply, Cut> =>
  ask(emulator, method, `/__emulator/${name}`, { key: null, body })

export const account = (emulator: Running): Effect.Effect<StoredAccount> =>
  Effect.map(emulator.state, (state) => state.accounts[0])

/** A key of the first account, by its name or by its place. */
export const keyAt = (emulator: Running, which: string | number): Effect.Effect<StoredKey> =>
  Effect.flatMap(account(emulator), ({ keys }) => {
    const key = typeof which === "number" ? keys[which] : keys.find(({ name }) => name === which)
    return key === undefined ? Effect.dieMessage(`no key ${which}`) : Effect.succeed(key)
  })

/** The message of an error in the envelope. */
export const messageOf = (reply: Reply): string =>
  Schema.decodeUnknownSync(Schema.Struct({ error: Schema.Struct({ message: Schema.String }) }))(reply.json).error
    .message

/** A seed with one key, and a balance of 100. */
export const oneKey = (key: Partial<KeyInput> = {}, account: Partial<AccountInput> = {}): StateInput => ({
  accounts: [
    {
      apiKey: "ek-master-of-the-test",
      plan: "enterprise",
      balance: 100,
      keys: [{ name: "only", key: "ek-proxy-0000000000000001", allocated_ammount: 10, ...key }],
      ...account
    }
  ]
})
export const only = "ek-proxy-0000000000000001"
