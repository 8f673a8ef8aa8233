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

const Written = Schema.optional(Schema.NullOr(Schema.Struct({ author_association: Schema.optional(Schema.String) })))

/** The part of an event that is looked at. */
const Payload = Schema.parseJson(
  Schema.Struct({
    repository: Schema.optional(Repository),
    pull_request: Schema.optional(Schema.Struct({ head: Schema.optional(Schema.Struct({ repo: Head })) })),
    workflow_run: Schema.optional(Schema.NullOr(Schema.Struct({ head_repository: Head }))),
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
  const untrusted = Option.match(payload, {
    onNone: () => /^pull_request|^workflow_run$/.test(event) || isAnybodys(event),
    onSome: (it) => isForeign(event, it) || (isAnybodys(event) && !isByMember(it))
  })
  if (untrusted) {
    return yield* new PlaceRefused({
      detail:
        "This run was caused by a fork or by somebody who has no part in the repository, or it cannot be told: the step does not run for strangers."
    })
  }
  return { ...found, showsNames: Option.exists(payload, ({ repository }) => isPrivate(repository)) }
})

const readPayload = (path: string): Effect.Effect<Option.Option<Payload>> =>
  Effect.tryPromise(() => readFile(path, "utf8")).pipe(Effect.flatMap(Schema.decodeUnknown(Payload)), Effect.option)

const isForeign = (event: string, { pull_request, repository, workflow_run }: Payload): boolean => {
  const own = repository?.full_name
  const foreign = (head: typeof Head.Type | undefined) => own === undefined || head?.full_name !== own
  return (
    ((pull_request !== undefined || event.startsWith("pull_request")) && foreign(pull_request?.head?.repo)) ||
    ((workflow_run ?? undefined) !== undefined && foreign(workflow_run?.head_repository))
  )
}

/** Events that whoever can see the repository can cause. */
const isAnybodys = (event: string): boolean => /^(?:issue|discussion)(?:s|_comment)?$|^(?:fork|watch)$/.test(event)

/** Who has written what a workflow may read, the comment before what it is about. */
const isByMember = ({ comment, discussion, issue }: Payload): boolean =>
  ["OWNER", "MEMBER", "COLLABORATOR"].includes((comment ?? issue ?? discussion)?.author_association ?? "")

const isPrivate = (repository: Payload["repository"]): boolean =>
  repository?.private === true && repository.visibility !== "public"
