import type { Server } from "node:http"
import { Context, Effect, Either, Layer, Redacted, Schema, type Scope } from "effect"
import type { StateDocument } from "./AccountState.ts"
import { changeSwitches, reset, stateOf } from "./Control.ts"
import { keepIn, readDataFile } from "./DataFile.ts"
import { EmulatorFailed } from "./EmulatorFailed.ts"
import { Fault, type FaultInput } from "./Faults.ts"
import { makeWorld, type WorldOptions } from "./MakeWorld.ts"
import type { Recorded } from "./RequestLog.ts"
import { makeServer } from "./Socket.ts"
import type { SwitchOptions } from "./Switches.ts"

export interface EmulatorOptions extends WorldOptions {
  /** 0 (default): any free port. */
  readonly port?: number | undefined
  /** `127.0.0.1` (default), `::1` or `localhost`; anything but loopback is refused. */
  readonly host?: string | undefined
  /** Keeps the state in this file: read at the start if it is there, replaced in one step after every change. */
  readonly data?: string | undefined
}

/**
 * The Electron Hub proxy-key API on loopback.
 *
 * It serves on a real socket and lives by the real clock, also where a test has put another clock in its place.
 */
export class Emulator extends Context.Tag("@keysweep/emulator/Emulator")<
  Emulator,
  {
    /** Ends in `/v1`. */
    readonly url: string
    /** The first account's master key as it was at the start. */
    readonly apiKey: Redacted.Redacted
    /** Base of the control routes: ends in `/__emulator`. */
    readonly control: string
    readonly port: number
    readonly state: Effect.Effect<StateDocument>
    /** Every request so far, in order of arrival. */
    readonly requests: Effect.Effect<ReadonlyArray<Recorded>>
    readonly reset: Effect.Effect<void>
    /** Moves the clock forward. */
    readonly advance: (millis: number) => Effect.Effect<void>
    /** Replaces the faults that wait. */
    readonly faults: (faults: ReadonlyArray<FaultInput>) => Effect.Effect<void>
    /** Changes some switches from now on; the others stay. */
    readonly switches: (changes: SwitchOptions) => Effect.Effect<void>
  }
>() {
  /** Serves until the scope ends; then every connection is cut at once. */
  static readonly start = (
    options: EmulatorOptions = {}
  ): Effect.Effect<Context.Tag.Service<Emulator>, EmulatorFailed, Scope.Scope> =>
    Effect.gen(function* () {
      const host = yield* loopbackHost(options.host ?? "127.0.0.1")
      const kept = options.data === undefined ? undefined : yield* readDataFile(options.data)
      const world = yield* makeWorld(options, kept)
      const keep = options.data === undefined ? () => Either.void : keepIn(options.data)
      const save = () => keep(world.accounts)
      yield* save()
      const port = yield* listening(makeServer(world, save), host, options.port ?? 0)
      const authority = `http://${host === "::1" ? "[::1]" : host}:${port}`
      return {
        url: `${authority}/v1`,
        apiKey: Redacted.make(world.accounts[0].apiKey),
        control: `${authority}/__emulator`,
        port,
        state: Effect.sync(() => structuredClone(stateOf(world))),
        requests: Effect.sync(() => world.requests.all().map((entry) => ({ ...entry }))),
        reset: Effect.sync(() => reset(world)),
        advance: (millis) => Effect.sync(() => world.clock.advance(millis)),
        faults: (faults) => Effect.orDie(Effect.map(Schema.decode(Schema.Array(Fault))(faults), world.faults.set)),
        switches: (changes) => Effect.orDie(changeSwitches(world, changes))
      }
    })

  static readonly layer = (options: EmulatorOptions = {}): Layer.Layer<Emulator, EmulatorFailed> =>
    Layer.scoped(Emulator, Emulator.start(options))
}

export const isLoopback = (host: string): boolean =>
  host === "::1" || host === "localhost" || /^127(?:\.\d{1,3}){3}$/.test(host)

const loopbackHost = (host: string): Either.Either<string, EmulatorFailed> =>
  isLoopback(host)
    ? Either.right(host)
    : Either.left(new EmulatorFailed({ detail: "The emulator binds to loopback only: 127.0.0.1, ::1 or localhost." }))

const listening = (server: Server, host: string, port: number): Effect.Effect<number, EmulatorFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<number, EmulatorFailed>((resume) => {
      server.once("error", () => resume(new EmulatorFailed({ detail: `Cannot listen on ${host}, port ${port}.` })))
      server.listen(port, host, () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
      })
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
