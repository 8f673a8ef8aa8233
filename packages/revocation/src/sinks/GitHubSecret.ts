import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { boundedText } from "@keysweep/core/BoundedText"
import { Config, Effect, Option, Redacted, Schedule, Schema } from "effect"
import { sealedBox } from "./SealedBox.ts"
import { SinkFailed } from "./SinkFailed.ts"
import { sinkText } from "./SinkTarget.ts"

interface Target {
  readonly kind: "github"
  /** `OWNER/REPO`, `OWNER/REPO/environments/NAME`, `orgs/ORG`. */
  readonly place: string
  readonly secret: string
}

/** Secrets of GitHub Actions, over its REST API. Source: docs.github.com, REST API, Actions secrets (2022-11-28). */
export const make = Effect.gen(function* () {
  // The spans of the HTTP client would hold the token.
  const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)

  const call = (target: Target, method: "GET" | "PUT", path: string, body?: object) =>
    Effect.gen(function* () {
      const { base, token } = yield* access(target)
      const request = HttpClientRequest.make(method)(`${base}${path}`).pipe(
        HttpClientRequest.bearerToken(token),
        HttpClientRequest.setHeaders({
          accept: "application/vnd.github+json",
          "user-agent": "keysweep",
          "x-github-api-version": "2022-11-28"
        })
      )
      const response = yield* client.execute(
        body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, body)
      )
      const text = yield* boundedText(response, maxReply)
      return { status: response.status, headers: response.headers, text }
    }).pipe(
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => unanswered(target, "no reply within 30 s") }),
      Effect.catchTags({
        RequestError: () => unanswered(target, "the connection failed"),
        ResponseError: () => unanswered(target, "the reply broke off"),
        BodyTooLarge: () => unanswered(target, "the reply is larger than any of GitHub's")
      }),
      // Reads, and a PUT of the same secret: a second attempt changes nothing.
      Effect.retry({ schedule: again, while: ({ arrived }) => arrived === "unknown" }),
      Effect.filterOrElse(
        ({ status }) => status < 300 || status === 404,
        (reply) => refusal(target, reply)
      )
    )

  const publicKey = (target: Target) =>
    Effect.gen(function* () {
      const { status, text } = yield* call(target, "GET", `${pathOf(target)}/public-key`)
      if (status === 404) {
        return yield* no(target, "GitHub does not know this place, or the token may not read its secrets")
      }
      return yield* Option.match(decodeKey(text), {
        onNone: () => no(target, "GitHub gave no public key to encrypt for"),
        onSome: Effect.succeed
      })
    })

  /** Who of an organisation may use a secret is part of what a PUT replaces: it is read and said again. */
  const audience = (target: Target) =>
    Effect.gen(function* () {
      if (!target.place.startsWith("orgs/")) return {}
      const path = `${pathOf(target)}/${target.secret}`
      const found = yield* call(target, "GET", path)
      const visibility = Option.map(decodeSecret(found.text), (secret) => secret.visibility)
      if (found.status === 404) return { visibility: "private" }
      if (Option.isNone(visibility)) return yield* no(target, "GitHub does not say who may use the secret there is")
      if (visibility.value !== "selected") return { visibility: visibility.value }
      const listed = yield* call(target, "GET", `${path}/repositories?per_page=100`)
      const repositories = Option.getOrNull(decodeRepositories(listed.text))
      if (repositories === null || repositories.total_count > repositories.repositories.length) {
        return yield* no(target, "GitHub does not say which repositories may use the secret there is")
      }
      return {
        visibility: "selected",
        selected_repository_ids: repositories.repositories.map(({ id }) => id)
      }
    })

  return {
    /** Reads what a delivery would need. That the token may also write only the delivery shows. */
    check: (target: Target): Effect.Effect<void, SinkFailed> =>
      /^GITHUB_/i.test(target.secret)
        ? no(target, "GitHub takes no secret whose name begins with GITHUB_: put something before {NAME}")
        : Effect.asVoid(Effect.zipRight(publicKey(target), audience(target))),
    /** Safe to repeat, and repeated when no answer came. GitHub shows nobody the value again. */
    deliver: (target: Target, value: Redacted.Redacted): Effect.Effect<void, SinkFailed> =>
      Effect.gen(function* () {
        const { key, key_id } = yield* publicKey(target)
        const more = yield* audience(target)
        const sealed = yield* sealedBox(Redacted.value(value), key)
        if (Option.isNone(sealed)) return yield* no(target, "GitHub's public key is none")
        const body = { encrypted_value: sealed.value, key_id, ...more }
        const { status } = yield* call(target, "PUT", `${pathOf(target)}/${target.secret}`, body)
        if (status !== 201 && status !== 204) {
          return yield* no(target, `GitHub answered ${status}: the token may not write secrets there`)
        }
      })
  }
})

const pathOf = ({ place }: Target): string => {
  const [owner = "", repository = "", , ...environment] = place.split("/")
  if (owner === "orgs") return `/orgs/${repository}/actions/secrets`
  return environment.length === 0
    ? `/repos/${owner}/${repository}/actions/secrets`
    : `/repos/${owner}/${repository}/environments/${encodeURIComponent(environment.join("/"))}/secrets`
}

const access = (target: Target) =>
  Config.all({
    base: Config.withDefault(Config.string("GITHUB_API_URL"), "https://api.github.com"),
    token: Config.redacted("KEYSWEEP_GITHUB_TOKEN").pipe(
      Config.orElse(() => Config.redacted("GH_TOKEN")),
      Config.orElse(() => Config.redacted("GITHUB_TOKEN"))
    )
  }).pipe(
    Effect.mapError(() =>
      no(target, "there is no token: set KEYSWEEP_GITHUB_TOKEN to one that may write the secrets of this place")
    ),
    Effect.filterOrFail(
      ({ base }) => /^https:\/\/|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::|\/|$)/.test(base),
      () => no(target, "GITHUB_API_URL must be https, or http on this machine")
    )
  )

const again = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(2)))

const refusal = (target: Target, { headers, status, text }: Reply) => {
  const message = Option.getOrElse(
    Option.map(decodeProblem(text), ({ message }) => message),
    () => ""
  )
  const wait = headers["retry-after"]
  const limited = status === 429 || wait !== undefined || headers["x-ratelimit-remaining"] === "0"
  if (limited && (status === 403 || status === 429)) {
    return no(
      target,
      `GitHub's rate limit is used up${wait === undefined ? "" : `; it asks for ${wait} s of patience`}`
    )
  }
  if (status === 401) return no(target, "GitHub does not know the token")
  if (status === 403) return no(target, "the token may not do this: it needs write access to the secrets of this place")
  return status >= 500
    ? unanswered(target, `GitHub answered ${status}`)
    : no(target, `GitHub answered ${status}${message === "" ? "" : `: ${message}`}`)
}

interface Reply {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

const maxReply = 1_048_576

const decodeKey = Schema.decodeOption(
  Schema.parseJson(Schema.Struct({ key_id: Schema.NonEmptyString, key: Schema.NonEmptyString }))
)
const decodeSecret = Schema.decodeOption(
  Schema.parseJson(Schema.Struct({ visibility: Schema.Literal("all", "private", "selected") }))
)
const decodeRepositories = Schema.decodeOption(
  Schema.parseJson(
    Schema.Struct({ total_count: Schema.Int, repositories: Schema.Array(Schema.Struct({ id: Schema.Int })) })
  )
)
const decodeProblem = Schema.decodeOption(Schema.parseJson(Schema.Struct({ message: Schema.String })))

const no = (target: Target, detail: string) => new SinkFailed({ sink: sinkText(target), detail, arrived: "no" })
const unanswered = (target: Target, detail: string) =>
  new SinkFailed({ sink: sinkText(target), detail, arrived: "unknown" })
