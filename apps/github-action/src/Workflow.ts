import type { Operator } from "@keysweep/audit/Actor"
import { Config, Effect, Option, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { PlaceRefused } from "./ActionError.ts"

/** What the runner says of the run that this step is part of. */
export interface Workflow {
  /** GitHub login of whoever started the run. */
  readonly actor: string
  /** Whether names of keys may be shown: only where everybody who sees the page of the run can see the repository. */
  readonly showsNames: boolean
  readonly apiUrl: string
  readonly repository: string
  /** `refs/heads/main`. */
  readonly ref: string
  /** The run's id, and how many times its jobs were begun. */
  readonly run: string
  readonly attempt: number
  /** GitHub's own machine: nothing of its disk outlives the job. */
  readonly hosted: boolean
  readonly temp: string
  readonly workspace: string
  readonly timeScale: number
}

/** GitHub has checked who started the run. */
export const githubUser = (login: string): typeof Operator.Service => ({
  actor: { name: `github:${login}`, authenticated: true },
  surface: "action"
})

/** The same, in this place. */
export const operatorIn = ({ actor, ref, repository }: Workflow): typeof Operator.Service =>
  repository === "" ? githubUser(actor) : { ...githubUser(actor), origin: { repository, ref } }

const Repository = Schema.Struct({
  full_name: Schema.optional(Schema.String),
  private: Schema.optional(Schema.Boolean),
  visibility: Schema.optional(Schema.String)
})
const Head = Schema.NullishOr(Schema.Struct({ full_name: Schema.optional(Schema.String) }))

const Written = Schema.NullishOr(Schema.Struct({ author_association: Schema.optional(Schema.String) }))

/** The part of an event that is looked at. */
const Payload = Schema.parseJson(
  Schema.Struct({
    repository: Schema.optional(Repository),
    pull_request: Schema.NullishOr(Schema.Struct({ head: Schema.optional(Schema.Struct({ repo: Head })) })),
    workflow_run: Schema.NullishOr(Schema.Struct({ event: Schema.optional(Schema.String), head_repository: Head })),
    review: Written,
    comment: Written,
    issue: Written,
    discussion: Written
  })
)
type Payload = typeof Payload.Type

const variables = Config.all({
  actor: Config.nonEmptyString("GITHUB_ACTOR"),
  event: Config.nonEmptyString("GITHUB_EVENT_NAME"),
  eventPath: Config.option(Config.nonEmptyString("GITHUB_EVENT_PATH")),
  apiUrl: Config.withDefault(Config.nonEmptyString("GITHUB_API_URL"), "https://api.github.com"),
  repository: Config.withDefault(Config.string("GITHUB_REPOSITORY"), ""),
  ref: Config.withDefault(Config.string("GITHUB_REF"), ""),
  run: Config.withDefault(Config.string("GITHUB_RUN_ID"), ""),
  attempt: Config.withDefault(Config.integer("GITHUB_RUN_ATTEMPT"), 1),
  hosted: Config.map(Config.withDefault(Config.string("RUNNER_ENVIRONMENT"), ""), (it) => it === "github-hosted"),
  temp: Config.nonEmptyString("RUNNER_TEMP"),
  workspace: Config.withDefault(Config.string("GITHUB_WORKSPACE"), ""),
  timeScale: Config.withDefault(Config.number("KEYSWEEP_TIME_SCALE"), 1)
})

/**
 * Where this step runs; refused where a stranger could have written the workflow's inputs: on the pull request of a fork,
 * and on what anybody writes or does who can see the repository.
 */
export const workflow: Effect.Effect<Workflow, PlaceRefused> = Effect.gen(function* () {
  const { event, eventPath, ...found } = yield* variables.pipe(
    Effect.mapError(
      () =>
        new PlaceRefused({
          detail:
            "This is a step of a GitHub Actions workflow: GITHUB_ACTOR, GITHUB_EVENT_NAME and RUNNER_TEMP must be set."
        })
    )
  )
  const payload = Option.isNone(eventPath) ? Option.none() : yield* readPayload(eventPath.value)
  if (!members.has(event) && !Option.exists(payload, (it) => isByMember(event, it))) {
    return yield* new PlaceRefused({
      detail:
        "This run was caused by a fork or by somebody who has no part in the repository, or it cannot be told: the step does not run for strangers."
    })
  }
  return { ...found, showsNames: Option.exists(payload, ({ repository }) => isPrivate(repository)) }
})

const readPayload = (path: string): Effect.Effect<Option.Option<Payload>> =>
  Effect.tryPromise(() => readFile(path, "utf8")).pipe(Effect.flatMap(Schema.decodeUnknown(Payload)), Effect.option)

/** Events that take write access to the repository. Whatever is not here is looked into, and refused if it is unknown. */
const members: ReadonlySet<string> = new Set([
  "workflow_dispatch",
  "repository_dispatch",
  "schedule",
  "push",
  "create",
  "delete",
  "release",
  "deployment",
  "merge_group"
])

/** Whether the branch, and what was written that a workflow may read, are of somebody who has a part in the repository. */
const isByMember = (event: string, payload: Payload): boolean => {
  const { comment, discussion, issue, pull_request, repository, review, workflow_run } = payload
  const own = (head: typeof Head.Type | undefined) =>
    repository?.full_name !== undefined && head?.full_name === repository.full_name
  switch (event) {
    case "pull_request":
    case "pull_request_target":
      return own(pull_request?.head?.repo)
    // Everybody who can see a pull request can say something to it.
    case "pull_request_review":
      return own(pull_request?.head?.repo) && isMember(review)
    case "pull_request_review_comment":
      return own(pull_request?.head?.repo) && isMember(comment)
    case "issues":
      return isMember(issue)
    case "discussion":
      return isMember(discussion)
    case "issue_comment":
    case "discussion_comment":
      return isMember(comment)
    // It does not hold what was written to the run before.
    case "workflow_run": {
      const before = workflow_run?.event ?? ""
      return own(workflow_run?.head_repository) && (members.has(before) || /^pull_request(?:_target)?$/.test(before))
    }
    default:
      return false
  }
}

const isMember = (written: typeof Written.Type | undefined): boolean =>
  ["OWNER", "MEMBER", "COLLABORATOR"].includes(written?.author_association ?? "")

const isPrivate = (repository: Payload["repository"]): boolean =>
  repository?.private === true && repository.visibility !== "public"
