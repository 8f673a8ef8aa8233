import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { free } from "./TestServer.ts"

export interface FakeKey {
  key: string
  name: string
  is_active: boolean
  expires_at: number
  allocated_ammount: number
  used_ammount: number
  model_whitelist: ReadonlyArray<string>
  ip_whitelist: ReadonlyArray<string>
}

/** What becomes of one request: answered, lost on the way there, or lost on the way back. */
export type Fate = "answered" | "lost before" | "lost after" | "503 before" | "503 after" | "nonsense after"

/**
 * The upstream's keys in memory, in the static dialect, behind a line that loses requests and replies. It knows no more
 * of the client than the documents say.
 */
export class FakeUpstream {
  readonly keys = new Map<string, FakeKey>()
  readonly requests: Array<string> = []
  private made = 0

  private fate: () => Fate

  constructor(fate: () => Fate = () => "answered") {
    this.fate = fate
  }

  /** An empty account behind another line. */
  reset(fate: () => Fate): void {
    this.fate = fate
    this.keys.clear()
    this.requests.length = 0
  }

  add(name: string, more: Partial<FakeKey> = {}): FakeKey {
    const key: FakeKey = {
      key: `ek-proxy-${String(++this.made).padStart(16, "0")}`,
      name,
      is_active: true,
      expires_at: -1,
      allocated_ammount: 1,
      used_ammount: 0,
      model_whitelist: [],
      ip_whitelist: [],
      ...more
    }
    this.keys.set(key.key, key)
    return key
  }

  readonly layer = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.suspend(() => {
        const fate = this.fate()
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "{}"
        this.requests.push(`${request.method} ${url.pathname}`)
        const respond = (status: number, value: unknown) => {
          const text = JSON.stringify(value)
          const headers = { ...free, "content-length": String(new TextEncoder().encode(text).length) }
          return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(text, { status, headers })))
        }
        const lost = Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" }))
        if (fate === "lost before") return lost
        if (fate === "503 before")
          return respond(503, { error: { message: "busy", type: "error", param: null, code: 503 } })
        const [status, value] = this.answer(request.method, url.pathname.replace(/^\/v1/, ""), JSON.parse(body))
        if (fate === "lost after") return lost
        if (fate === "503 after") return respond(503, { detail: "upstream timed out" })
        if (fate === "nonsense after") return respond(200, "<html>")
        return respond(status, value)
      })
    )
  )

  private answer(
    method: string,
    path: string,
    body: { readonly proxy_key?: string } & Partial<FakeKey>
  ): [number, unknown] {
    if (method === "GET" && path === "/auth/proxy") return [200, [...this.keys.values()]]
    if (method === "POST" && path === "/auth/proxy/create") {
      const { name = "", ...rest } = body
      return [201, this.add(name, rest)]
    }
    const key = this.keys.get(body.proxy_key ?? "")
    if (key === undefined) return [404, { detail: "Proxy key not found" }]
    switch (`${method} ${path}`) {
      case "POST /auth/proxy/lookup":
        return [200, { ...key, user_id: "user_abc123" }]
      case "POST /auth/proxy/toggle":
        key.is_active = !key.is_active
        return [200, { message: "Proxy key status updated", status: key.is_active }]
      case "POST /auth/proxy/update":
        Object.assign(key, body)
        return [200, { message: "Proxy key updated" }]
      case "POST /auth/proxy/remove":
        this.keys.delete(key.key)
        return [200, { message: "Proxy key deleted" }]
      default:
        return [404, { detail: "Not Found" }]
    }
  }
}
