import { createFile, type FileTrouble, makeDir, namesIn, readWhole } from "@keysweep/audit/store/Files"
import type { Plan } from "@keysweep/revocation/Plan"
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { join } from "node:path"
import { Confirmation, Ending, makeRequestId, Opened, Posted, type Request, RequestId, Taken } from "./Request.ts"

/** The requests of the home folder cannot be read or written; what needed them was not done. */
export class RequestsUnavailable extends Schema.TaggedError<RequestsUnavailable>()("RequestsUnavailable", {
  detail: Schema.String
}) {
  override get message(): string {
    return `The requests are not available: ${this.detail}`
  }
}

type Stored<A> = Effect.Effect<A, RequestsUnavailable>

/**
 * What was asked for in Slack and has not ended, so that a restart forgets nothing. Each fact of a request is a file of
 * its own that is written once, so of two who want to decide the same thing exactly one does, over processes too.
 */
export class Requests extends Context.Tag("@keysweep/slack-bot/Requests")<
  Requests,
  {
    readonly open: (plan: Plan, requester: string, channel: string) => Stored<Request>
    readonly find: (id: RequestId) => Stored<Option.Option<Request>>
    readonly posted: (id: RequestId, ts: string) => Stored<void>
    /** Whether this call wrote it; `false`: it had been written before. The same for `take` and `end`. */
    readonly confirm: (id: RequestId, by: string) => Stored<boolean>
    readonly take: (id: RequestId, how: "run" | "cancel", by: string) => Stored<boolean>
    readonly end: (id: RequestId, ending: Omit<Ending, "at">) => Stored<boolean>
    /** Every request without an ending, oldest first. */
    readonly unfinished: Stored<ReadonlyArray<Request>>
  }
>() {
  /** In `slack/` below the home folder; made with the first request. */
  static readonly layer = (home: string) => Layer.sync(Requests, () => make(join(home, "slack")))
}

const make = (folder: string): Context.Tag.Service<Requests> => {
  const path = (id: RequestId, fact: string) => join(folder, `${id}.${fact}.json`)

  const write = <A, I>(id: RequestId, fact: string, schema: Schema.Schema<A, I>, value: A): Stored<boolean> =>
    Effect.gen(function* () {
      const text = yield* Effect.orDie(Schema.encode(Schema.parseJson(schema))(value))
      yield* makeDir(folder)
      yield* createFile(path(id, fact), new TextEncoder().encode(text))
      return true
    }).pipe(
      Effect.catchIf(
        ({ code }) => code === "EEXIST",
        () => Effect.succeed(false)
      ),
      Effect.mapError(unavailable)
    )

  const read = <A, I>(id: RequestId, fact: string, schema: Schema.Schema<A, I>): Stored<A | null> =>
    Effect.gen(function* () {
      const bytes = yield* Effect.mapError(readWhole(path(id, fact)), unavailable)
      if (Option.isNone(bytes)) return null
      return yield* Schema.decode(Schema.parseJson(schema))(new TextDecoder().decode(bytes.value)).pipe(
        Effect.mapError(() => new RequestsUnavailable({ detail: `${path(id, fact)} is not what it should be` }))
      )
    })

  const find = (id: RequestId): Stored<Option.Option<Request>> =>
    Effect.gen(function* () {
      const opened = yield* read(id, "request", Opened)
      if (opened === null) return Option.none()
      const posted = yield* read(id, "posted", Posted)
      return Option.some({
        ...opened,
        ts: posted?.ts ?? null,
        confirmation: yield* read(id, "confirmed", Confirmation),
        taken: yield* read(id, "taken", Taken),
        ending: yield* read(id, "ended", Ending)
      })
    })

  return {
    find,
    open: (plan, requester, channel) =>
      Effect.gen(function* () {
        const id = RequestId.make(yield* makeRequestId)
        const at = yield* DateTime.now
        const opened = { schema: "keysweep.slack-request/1" as const, id, at, plan, requester, channel }
        yield* write(id, "request", Opened, opened)
        return { ...opened, ts: null, confirmation: null, taken: null, ending: null }
      }),
    posted: (id, ts) => Effect.asVoid(write(id, "posted", Posted, { ts })),
    confirm: (id, by) => Effect.flatMap(DateTime.now, (at) => write(id, "confirmed", Confirmation, { by, at })),
    take: (id, how, by) => Effect.flatMap(DateTime.now, (at) => write(id, "taken", Taken, { how, by, at })),
    end: (id, ending) => Effect.flatMap(DateTime.now, (at) => write(id, "ended", Ending, { ...ending, at })),
    unfinished: Effect.gen(function* () {
      const names = yield* Effect.mapError(namesIn(folder), unavailable)
      const ended = new Set(names.flatMap((name) => idOf(name, "ended")))
      const open = names.flatMap((name) => idOf(name, "request")).filter((id) => !ended.has(id))
      return (yield* Effect.forEach(open, find)).flatMap(Option.toArray)
    })
  }
}

/** The id in the name of a file that holds this fact. */
const idOf = (name: string, fact: string): ReadonlyArray<RequestId> =>
  name.endsWith(`.${fact}.json`) ? Option.toArray(decodeId(name.slice(0, -`.${fact}.json`.length))) : []

const decodeId = Schema.decodeUnknownOption(RequestId)

const unavailable = (error: FileTrouble) => new RequestsUnavailable({ detail: error.detail })
