import { FileSystem, HttpClient, HttpClientResponse } from "@effect/platform"
import { Operator } from "@keysweep/audit/Actor"
import { Log } from "@keysweep/audit/Log"
import { makeWorld, type WorldOptions } from "@keysweep/emulator/MakeWorld"
import { answer } from "@keysweep/emulator/Upstream"
import { Clock, Context, DateTime, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { Confirmation } from "../src/Confirmation.ts"
import { Progress } from "../src/Progress.ts"
import { Settings } from "../src/Settings.ts"
import { Sweep } from "../src/Sweep.ts"
import * as SweepFiles from "../src/SweepFiles.ts"
import { now } from "./support.ts"

export interface Sent {
  /** Virtual milliseconds. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly status: number
}

/**
 * The emulator's upstream in this process, on a clock that stands still but for the waits of the pacer: minutes of the
 * rate limit pass at once and to the millisecond.
 */
export const makeVirtual = (options: WorldOptions & { readonly settings?: typeof Settings.Service } = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const home = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    let time = DateTime.toEpochMillis(now)
    const made = yield* makeWorld(options)
    const world = { ...made, clock: { ...made.clock, now: () => time } }
    const sent: Array<Sent> = []
    /** Until when somebody waits: to then the clock may go, and no further. */
    let waits: ReadonlyArray<number> = []
    const waiting = (millis: number) =>
      Effect.map(Clock.currentTimeMillis, (at) => {
        waits = [...waits, at + millis]
      })
    const masterKey = Redacted.make(world.accounts[0].apiKey)
    /** What happens to the upstream before it looks at a request. */
    let before: (request: { readonly method: string; readonly path: string }) => void = () => {}
    /** Until then the upstream answers nothing but 503. */
    let downUntil = 0
    const request = (method: string, path: string, body: string) =>
      Effect.map(Clock.currentTimeMillis, (millis) => {
        time = millis
        const received = {
          method,
          target: path,
          body,
          address: "127.0.0.1",
          headers: { authorization: `Bearer ${Redacted.value(masterKey)}`, "content-type": "application/json" }
        }
        return answer(received, world)
      })
    const client = HttpClient.make((outgoing, url) =>
      Effect.gen(function* () {
        before({ method: outgoing.method, path: url.pathname })
        const body = outgoing.body._tag === "Uint8Array" ? new TextDecoder().decode(outgoing.body.body) : ""
        const reply =
          (yield* Clock.currentTimeMillis) < downUntil
            ? { status: 503, headers: {}, body: "" }
            : yield* request(outgoing.method, url.pathname, body)
        // What follows is a pause before the next attempt, if there is one.
        if (reply.status === 503) yield* waiting(longestPause)
        sent.push({
          at: yield* Clock.currentTimeMillis,
          method: outgoing.method,
          path: url.pathname,
          status: reply.status
        })
        return HttpClientResponse.fromWeb(
          outgoing,
          new Response(reply.body, { status: reply.status, headers: reply.headers })
        )
      })
    )
    const progress = Layer.succeed(Progress, {
      report: (event) => (event._tag === "Waiting" ? waiting(event.millis) : Effect.void)
    })
    const context = yield* Layer.build(
      Sweep.layer.pipe(
        Layer.provide(
          SweepFiles.layer({
            account: { masterKey, baseUrl: "http://127.0.0.1:9/v1", reserve: 0 },
            home,
            userAgent: "keysweep/test"
          })
        ),
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.provide(
          Layer.mergeAll(
            Layer.succeed(Settings, options.settings ?? Settings.none),
            Layer.succeed(Operator, { actor: { name: "os:ada", authenticated: true }, surface: "library" }),
            Confirmation.layerNobody,
            progress
          )
        )
      )
    )
    const sweep = Context.get(context, Sweep)
    /** Runs, and lets the clock go on by each wait as soon as it has begun. */
    const passing = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.gen(function* () {
        const running = yield* Effect.fork(effect)
        let still = 0
        while ((yield* Fiber.status(running))._tag !== "Done") {
          yield* pause
          const at = yield* Clock.currentTimeMillis
          waits = waits.filter((until) => until > at)
          const allowed = Math.max(at, ...waits)
          const sleeps = [...(yield* TestClock.sleeps())].filter((until) => until > at)
          still = sleeps.length > 0 && !isBusy() ? still + 1 : 0
          // A wait that began just before the clock went on ends later than was told: after a while nothing else is left.
          const due = sleeps.filter((until) => until <= allowed + 1 || still > patience)
          if (due.length === 0) continue
          still = 0
          yield* TestClock.setTime(Math.min(...due))
        }
        return yield* Fiber.join(running)
      })
    return {
      home,
      sweep,
      world,
      sent,
      passing,
      /** Somebody else's request with the same master key. */
      neighbour: (method: string, path: string, body: object | null = null) =>
        request(method, `/v1${path}`, body === null ? "" : JSON.stringify(body)),
      beforeEach: (what: typeof before) => {
        before = what
      },
      downFor: (millis: number) =>
        Effect.map(Clock.currentTimeMillis, (at) => {
          downUntil = at + millis
        }),
      active: () => world.accounts[0].keys.filter((key) => key.is_active).length,
      events: sweep.books(
        Effect.flatMap(Log, (log) => Effect.map(log.records, (records) => records.map(({ event }) => event)))
      )
    }
  })

/** Milliseconds: more than any pause between two attempts. */
const longestPause = 12_000

/** Real pauses in which nothing happened though somebody sleeps. */
const patience = 200

/** Whether the system has still to answer: on a busy disk that takes as long as it takes. */
const isBusy = (): boolean =>
  process.getActiveResourcesInfo().some((name) => /^FSReq|^FileHandle|Request$|Job$/.test(name))

/** Real time, for files. */
export const pause = Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 1)))
