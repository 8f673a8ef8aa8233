import { Either, ParseResult, Schema } from "effect"
import type { Answer } from "./Answer.ts"
import { json } from "./Answer.ts"
import type { StateDocument } from "./AccountState.ts"
import { copyAccounts } from "./AccountState.ts"
import { Fault } from "./Faults.ts"
import { type Settled, settle, Switches } from "./Switches.ts"
import { isoTime } from "./WallClock.ts"
import type { World } from "./World.ts"

export const controlPrefix = "/__emulator/"

/** The emulator's own routes: outside the rate limit, not recorded, no key needed. */
export const control = (method: string, name: string, body: string, world: World): Answer => {
  switch (`${method} ${name}`) {
    case "GET state":
      return json(200, stateOf(world))
    case "GET requests":
      return json(200, world.requests.all())
    case "POST reset":
      reset(world)
      return json(200, { reset: true })
    case "POST clock":
      return taken(Schema.Struct({ advanceMs: Schema.NonNegative }), body, ({ advanceMs }) => {
        world.clock.advance(advanceMs)
        return json(200, { now: isoTime(world.clock.now()) })
      })
    case "POST faults":
      return taken(Schema.Array(Fault), body, (faults) => {
        world.faults.set(faults)
        return json(200, { faults: faults.length })
      })
    case "POST switches":
      return taken(Schema.Object, body, (changes) =>
        Either.match(changeSwitches(world, changes), {
          onLeft: unreadable,
          onRight: (switches) => json(200, switches)
        })
      )
    default:
      return json(404, { error: "GET state, GET requests, POST reset, POST clock, POST faults or POST switches" })
  }
}

/** The switches as given at the start, with these changes, and the defaults that follow from both. */
export const changeSwitches = (world: World, changes: object): Either.Either<Settled, ParseResult.ParseError> =>
  Either.map(Schema.decodeUnknownEither(Switches)({ ...world.given, ...changes }), (switches) => {
    world.given = { ...world.given, ...changes }
    world.switches = settle(switches)
    return world.switches
  })

export const stateOf = (world: World): StateDocument => ({
  now: isoTime(world.clock.now()),
  accounts: world.accounts
})

/** Back to the seed: accounts, clock and limiter; requests and faults are forgotten. Switches stay. */
export const reset = (world: World): void => {
  world.accounts = copyAccounts(world.seed)
  world.clock.reset()
  world.buckets.clear()
  world.keysOfAddress.clear()
  world.faults.set([])
  world.requests.clear()
}

const taken = <A, I>(schema: Schema.Schema<A, I>, body: string, then: (value: A) => Answer): Answer =>
  Either.match(Schema.decodeUnknownEither(Schema.parseJson(schema))(body), {
    onLeft: unreadable,
    onRight: then
  })

const unreadable = (error: ParseResult.ParseError): Answer =>
  json(400, { error: ParseResult.TreeFormatter.formatErrorSync(error) })
