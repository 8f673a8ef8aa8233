import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Either, Layer, Redacted, Schema } from "effect"
import { Sinks } from "../../src/sinks/Sinks.ts"
import { SinkText } from "../../src/sinks/SinkTarget.ts"
import { startGitHub } from "./GitHubStandIn.ts"

const value = "ek-proxy-0123456789abcdef"

const use = (
  url: string,
  sink: string,
  what: "check" | "deliver" = "deliver",
  token = "token-of-nobody",
  name = "ci runner"
) =>
  Effect.gen(function* () {
    const sinks = yield* Sinks
    const target = Schema.decodeSync(SinkText)(sink)
    return yield* Effect.either(
      what === "check"
        ? Effect.as(sinks.check(target, name), null)
        : sinks.deliver(target, { name, value: Redacted.make(value) })
    )
  }).pipe(
    Effect.provide(Layer.provide(Sinks.layer(), NodeHttpClient.layer)),
    Effect.withConfigProvider(
      ConfigProvider.fromMap(
        new Map([
          ["GITHUB_API_URL", url],
          ["KEYSWEEP_GITHUB_TOKEN", token]
        ])
      )
    )
  )

const failure = (result: Either.Either<unknown, { readonly message: string; readonly arrived: string }>) =>
  Either.match(result, { onLeft: ({ arrived, message }) => ({ arrived, message }), onRight: () => null })

describe("GitHubSecret", () => {
  for (const [sink, path] of [
    ["github:o/r#{NAME}_KEY", "/repos/o/r/actions/secrets/CI_RUNNER_KEY"],
    ["github:o/r/environments/eu prod#KEY", "/repos/o/r/environments/eu%20prod/secrets/KEY"],
    ["github:orgs/o#KEY", "/orgs/o/actions/secrets/KEY"]
  ] as const) {
    it.scopedLive(`I8: the value arrives at ${sink}, sealed for GitHub alone`, () =>
      Effect.gen(function* () {
        const github = yield* startGitHub
        const delivered = yield* Effect.flatten(use(github.url, sink))
        assert.deepStrictEqual(delivered, { sink: sink.replace("{NAME}", "CI_RUNNER"), proof: "accepted" })
        assert.deepStrictEqual([...github.secrets], [[path, value]])
        assert.notInclude(JSON.stringify(github.requests), value)
      })
    )
  }

  it.scopedLive("an organisation's secret stays visible to whom it was visible", () =>
    Effect.gen(function* () {
      const github = yield* startGitHub
      github.faults.push(({ method, path }, reply) =>
        method === "GET" && path === "/orgs/o/actions/secrets/KEY"
          ? github.json(reply, 200, { name: "KEY", visibility: "selected" })
          : path.includes("/repositories") &&
            github.json(reply, 200, { total_count: 2, repositories: [{ id: 7 }, { id: 9 }] })
      )
      yield* Effect.flatten(use(github.url, "github:orgs/o#KEY"))
      assert.deepStrictEqual(github.bodies.get("/orgs/o/actions/secrets/KEY"), {
        visibility: "selected",
        selected_repository_ids: [7, 9]
      })
    })
  )

  it.scopedLive("a lost reply is asked for again, and the value is there once", () =>
    Effect.gen(function* () {
      const github = yield* startGitHub
      let lost = 0
      github.faults.push(({ method }, reply) => {
        if (method !== "PUT" || lost++ > 0) return false
        reply.destroy()
        return true
      })
      const result = yield* use(github.url, "github:o/r#KEY")
      assert.isTrue(Either.isRight(result))
      assert.deepStrictEqual([...github.secrets.values()], [value])
    })
  )

  for (const [what, status, headers, says] of [
    ["a wrong permission", 403, {}, /needs write access/],
    ["a used-up rate limit", 403, { "x-ratelimit-remaining": "0", "retry-after": "61" }, /rate limit .* 61 s/],
    ["a refused secret", 422, {}, /422: no/]
  ] as const) {
    it.scopedLive(`${what} is said, is not asked for again, and nothing arrived`, () =>
      Effect.gen(function* () {
        const github = yield* startGitHub
        github.faults.push(
          ({ method }, reply) => method === "PUT" && github.json(reply, status, { message: "no" }, headers)
        )
        const failed = failure(yield* use(github.url, "github:o/r#KEY"))
        assert.match(failed?.message ?? "", says)
        assert.strictEqual(failed?.arrived, "no")
        assert.lengthOf(
          github.requests.filter(({ method }) => method === "PUT"),
          1
        )
      })
    )
  }

  for (const [what, answer, says] of [
    ["no such place", { status: 404, body: { message: "Not Found" } }, /does not know this place/],
    ["a place without a public key", { status: 200, body: {} }, /no public key/]
  ] as const) {
    it.scopedLive(`${what} is found before anything is made`, () =>
      Effect.gen(function* () {
        const github = yield* startGitHub
        github.faults.push((_request, reply) => github.json(reply, answer.status, answer.body))
        assert.match(failure(yield* use(github.url, "github:o/r#KEY", "check"))?.message ?? "", says)
      })
    )
  }

  it.scopedLive(
    "a name that GitHub takes for its own, once the key's is filled in, is found before anything is made",
    () =>
      Effect.gen(function* () {
        const github = yield* startGitHub
        const failed = failure(yield* use(github.url, "github:o/r#GIT{NAME}", "check", undefined, "hub token"))
        assert.match(failed?.message ?? "", /begins with GITHUB_/)
      })
  )

  it.scopedLive("a token that GitHub does not know is found before anything is made", () =>
    Effect.gen(function* () {
      const github = yield* startGitHub
      const failed = failure(yield* use(github.url, "github:o/r#KEY", "check", "other"))
      assert.match(failed?.message ?? "", /does not know the token/)
    })
  )

  it.scopedLive("a token travels in the clear to nobody", () =>
    Effect.gen(function* () {
      const failed = failure(yield* use("http://example.org", "github:o/r#KEY", "check"))
      assert.match(failed?.message ?? "", /must be https/)
    })
  )
})
