import { Log } from "@keysweep/audit/Log"
import { KeyId } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { soakingPlans } from "@keysweep/revocation/SoakState"
import { select } from "@keysweep/revocation/Selection"
import { type HoldTarget, Sweep } from "@keysweep/revocation/Sweep"
import { Effect, Schema } from "effect"
import { header, markup, mention, type Message, message, plain } from "../Blocks.ts"
import type { HoldWish } from "../Intent.ts"
import type { Failure, Reply } from "../Reply.ts"
import { planned } from "./approve.ts"
import type { Desk } from "../Proceeding.ts"
import { Requests } from "../Requests.ts"

export interface Holding {
  readonly lift: boolean
  readonly target: HoldWish
  readonly reason: string
}

/** Objects, or lifts an objection; everybody in the channel hears it. Nothing upstream is changed. */
export const hold = ({ lift, reason, target }: Holding, user: string): Effect.Effect<Reply, Failure, Desk | Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const { held, name } = yield* targetOf(target)
    yield* lift ? sweep.liftHold(held, reason) : sweep.hold(held, reason)
    if (!lift) yield* Effect.flatMap(Requests, (requests) => requests.wakeAll)
    return { _tag: "Public", message: holdMessage(user, lift, name, reason) }
  })

export const holdMessage = (user: string, lift: boolean, name: string, reason: string): Message => {
  const title = lift ? "Hold lifted" : "Held"
  return message(`${title}.`, [
    header(title),
    plain(name),
    plain(`Reason: ${oneLine(reason, 300)}`),
    markup(
      lift
        ? `By ${mention(user)}. It can be run again.`
        : `By ${mention(user)}. Nothing of it is run until the hold is lifted (\`/keysweep release …\`); plans that wait for it are void. A panic goes on in spite of it.`
    )
  ])
}

/** One that waits to be carried out, or of which something soaks, wherever it was confirmed. */
const planOf = (begin: string) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const soaking = soakingPlans(yield* sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const [found, second] = soaking.filter(({ hash }) => hash.startsWith(begin))
    return found !== undefined && second === undefined ? found : yield* planned(begin)
  })

const targetOf = (
  target: HoldWish
): Effect.Effect<{ readonly held: HoldTarget; readonly name: string }, Failure, Desk | Sweep> =>
  Effect.gen(function* () {
    if (target.of === "account") return { held: {}, name: "The whole account" }
    if (target.of === "plan") {
      const { action, hash, keys } = yield* planOf(target.hash)
      return { held: { plan: hash }, name: `Plan ${hash.slice(0, 12)}: ${action} of ${keys.length} keys` }
    }
    // An id is one even if nobody has seen it.
    if (Schema.is(KeyId)(target.literal)) return { held: { key: target.literal }, name: `Key ${target.literal}` }
    const sweep = yield* Sweep
    const { selected } = yield* select(yield* sweep.inventory, { keys: [target.literal] })
    const [found] = selected
    if (found === undefined) return yield* Effect.dieMessage("a literal selects one key or is refused")
    return { held: { key: found.key.id }, name: `Key ${oneLine(found.key.name, 60)} (${found.key.id})` }
  })
