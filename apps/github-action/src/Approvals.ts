import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Operator } from "@keysweep/audit/Actor"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import type { AnyPlan } from "@keysweep/revocation/replace/AnyPlan"
import { Progress } from "@keysweep/revocation/Progress"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect, Either, Layer, Schema } from "effect"
import type { Inputs } from "./Inputs.ts"
import { githubUser, type Workflow } from "./Workflow.ts"

/** Who approved the job of this run, and what is to be said about it. */
export interface Approvals {
  /** GitHub logins, whether or not their approval counts. */
  readonly approvers: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

/**
 * Puts on record who approved this run for the environment of its job. Whether that is enough is the gate's to say: it
 * counts those whom the settings name, and never the one who started the run. What GitHub does not tell counts for nobody.
 */
export const recordApprovals = (plan: AnyPlan, inputs: Inputs, place: Workflow) =>
  Effect.gen(function* () {
    const { environment } = inputs
    if (environment === "") return nobody("No environment was named, so it was not asked who approved this run.")
    // The list of a run does not say which of its attempts somebody approved.
    if (place.attempt > 1) return nobody("Approvals count for the first attempt of a run only: start a new run.")
    const reviews = yield* Effect.either(ask(inputs, `${ofRun(place)}/approvals`, Reviews))
    const rules = yield* Effect.either(
      ask(inputs, `${ofRepository(place)}/environments/${encodeURIComponent(environment)}`, Environment)
    )
    const approvers = Either.match(reviews, {
      onLeft: () => [],
      onRight: (all) => [
        ...new Set(
          all.flatMap(({ environments, state, user }) =>
            state === "approved" && user !== null && environments.some(({ name }) => name === environment)
              ? [user.login]
              : []
          )
        )
      ]
    })
    const uncounted = yield* Effect.forEach(approvers, (login) => record(plan, login, place))
    return {
      approvers,
      warnings: [
        ...(Either.isLeft(reviews) ? [`It cannot be seen who approved this run: ${reviews.left}.`] : []),
        ...unprotected(environment, rules),
        ...uncounted.flat()
      ]
    }
  })

const nobody = (warning: string): Approvals => ({ approvers: [], warnings: [warning] })

/** The approval of another person, in that person's name. */
const record = (plan: AnyPlan, login: string, { actor }: Workflow) => {
  const reviewer = Layer.mergeAll(
    Layer.succeed(Operator, githubUser(login)),
    Confirmation.layerNobody,
    Progress.layerSilent
  )
  return Effect.flatMap(Sweep, (sweep) => sweep.approve(plan, githubUser(actor).actor)).pipe(
    Effect.provide(Layer.fresh(Sweep.layer).pipe(Layer.provide(reviewer))),
    Effect.as<ReadonlyArray<string>>([]),
    Effect.catchTag("ApprovalRefused", (refused) =>
      Effect.succeed([`The approval of ${login} does not count: ${refused.message}`])
    )
  )
}

/** GitHub makes an environment that a job names and that does not exist, without any protection. */
const unprotected = (
  environment: string,
  rules: Either.Either<typeof Environment.Type, string>
): ReadonlyArray<string> =>
  Either.match(rules, {
    onLeft: (why) => [`It cannot be seen whether the environment ${environment} is protected: ${why}.`],
    onRight: ({ protection_rules }) =>
      protection_rules.some(({ type }) => type === "required_reviewers")
        ? []
        : [`The environment ${environment} has no required reviewers: whoever can start this run needs nobody else.`]
  })

const Reviews = Schema.Array(
  Schema.Struct({
    state: Schema.String,
    user: Schema.NullOr(Schema.Struct({ login: Schema.String })),
    environments: Schema.Array(Schema.Struct({ name: Schema.String }))
  })
)

const Environment = Schema.Struct({
  protection_rules: Schema.optionalWith(Schema.Array(Schema.Struct({ type: Schema.String })), { default: () => [] })
})

const ofRepository = ({ apiUrl, repository }: Workflow): string => `${apiUrl}/repos/${repository}`
const ofRun = (place: Workflow): string => `${ofRepository(place)}/actions/runs/${encodeURIComponent(place.run)}`

/** One read of GitHub's API. The failure says why in safe words. */
const ask = <A, I>(
  inputs: Inputs,
  url: string,
  schema: Schema.Schema<A, I>
): Effect.Effect<A, string, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.get(url).pipe(
      HttpClientRequest.bearerToken(inputs["github-token"]),
      HttpClientRequest.setHeaders({ accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" })
    )
    const response = yield* client.execute(request)
    if (response.status !== 200) return yield* Effect.fail(reasonOf(response.status))
    return yield* HttpClientResponse.schemaBodyJson(schema)(response)
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({ duration: "20 seconds", onTimeout: () => "GitHub does not answer" }),
    Effect.mapError((error) => (typeof error === "string" ? error : "GitHub's answer cannot be read"))
  )

const reasonOf = (status: number): string => {
  switch (status) {
    case 401:
    case 403:
      return "the github-token may not read it (permissions: actions: read)"
    case 404:
      return "GitHub does not know it, or the github-token may not see it"
    default:
      return `GitHub answers ${status}`
  }
}
