import type { UserGroups } from "@keysweep/revocation/UserGroups"
import { Clock, Context, Effect, Layer } from "effect"
import { SlackApi, SlackUnavailable } from "./SlackApi.ts"

/** Milliseconds: members are asked for again after the first, and do not count after the second if Slack does not say. */
const freshMillis = 60_000
const validMillis = 300_000
/** How long whoever asks for something waits for Slack, and how long Slack is left alone after it has failed. */
const patience = "2 seconds"
const restMillis = 2000

/** Who is in user groups of the workspace. Where Slack does not say, nobody is. */
export class Members extends Context.Tag("@keysweep/slack-bot/Members")<
  Members,
  { readonly of: (groups: ReadonlyArray<string>) => Effect.Effect<UserGroups> }
>() {
  static readonly layer: Layer.Layer<Members, never, SlackApi> = Layer.effect(
    Members,
    Effect.gen(function* () {
      const slack = yield* SlackApi
      const known = new Map<string, Known>()
      const turn = yield* Effect.makeSemaphore(1)

      const refresh = (group: string) =>
        Effect.gen(function* () {
          const before = known.get(group) ?? never
          if (!isWanted(before, yield* Clock.currentTimeMillis)) return
          const came = yield* slack.members(group).pipe(
            Effect.timeoutFail({
              duration: patience,
              onTimeout: () =>
                new SlackUnavailable({ method: "usergroups.users.list", reason: "no answer", retryAfterMillis: null })
            }),
            Effect.either
          )
          const now = yield* Clock.currentTimeMillis
          if (came._tag === "Right")
            return void known.set(group, { members: new Set(came.right), at: now, why: "", notBefore: 0 })
          const { message, retryAfterMillis } = came.left
          const rest = Math.min(Math.max(restMillis, retryAfterMillis ?? 0), freshMillis)
          known.set(group, { ...before, why: message, notBefore: now + rest })
          yield* Effect.logWarning(`Who is in the user group ${group} is not known: ${message}`)
        }).pipe(turn.withPermits(1))

      const one = (group: string) =>
        Effect.gen(function* () {
          if (isWanted(known.get(group) ?? never, yield* Clock.currentTimeMillis)) yield* refresh(group)
          const { at, members, why } = known.get(group) ?? never
          const isValid = (yield* Clock.currentTimeMillis) - at < validMillis
          return [group, isValid ? { members } : { unknown: why }] as const
        })
      return { of: (groups) => Effect.map(Effect.forEach(groups, one), (all) => new Map(all)) }
    })
  )
}

interface Known {
  readonly members: ReadonlySet<string>
  readonly at: number
  readonly why: string
  readonly notBefore: number
}

const never: Known = { members: new Set(), at: Number.NEGATIVE_INFINITY, why: "", notBefore: 0 }

const isWanted = ({ at, notBefore }: Known, now: number): boolean => now - at >= freshMillis && now >= notBefore
