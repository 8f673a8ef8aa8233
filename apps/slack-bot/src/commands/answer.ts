import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { escaped, withNote } from "../Blocks.ts"
import type { Intent } from "../Intent.ts"
import type { Desk } from "../Proceeding.ts"
import type { Failure, Reply } from "../Reply.ts"
import { SlackApi } from "../SlackApi.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { waiting } from "./approve.ts"
import { audit } from "./audit.ts"
import { hold } from "./hold.ts"
import { list } from "./list.ts"
import { log, verify } from "./log.ts"
import { plan } from "./plan.ts"
import { runs } from "./runs.ts"
import { show } from "./show.ts"
import { undo } from "./undo.ts"

/** What is answered, however it was asked. The others begin something of their own. */
export type Answerable = Exclude<Intent, { readonly _tag: "Help" | "Menu" | "Panic" | "Resume" }>

/** In somebody's name, under the settings as they are now. */
export const replyTo = (intent: Answerable, user: string): Effect.Effect<Reply, Failure, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const desk = yield* Effect.context<Desk>()
    return yield* sweeps.as(userActor(user), (sweep) =>
      inSweep(intent, user).pipe(Effect.provideService(Sweep, sweep), Effect.provide(desk))
    )
  })

const inSweep = (intent: Answerable, user: string): Effect.Effect<Reply, Failure, Desk | Sweep> => {
  switch (intent._tag) {
    case "List":
      return list
    case "Show":
      return show(intent.key)
    case "Audit":
      return audit
    case "Runs":
      return runs(intent.run)
    case "Log":
      return log
    case "Verify":
      return verify(intent.anchor)
    case "Undo":
      return undo(intent)
    case "Approve":
      return waiting
    case "Hold":
      return hold(intent, user)
    case "Plan":
      return plan(intent.request)
  }
}

export const verbOf = (intent: Intent): string =>
  intent._tag === "Plan" ? intent.request.action : intent._tag.toLowerCase()

/** What does not fit into a message goes to whoever asked, as a file that nobody else sees. */
export const withFile = (user: string, { file, message }: Extract<Reply, { _tag: "Private" }>) =>
  Effect.gen(function* () {
    if (file === undefined) return message
    const slack = yield* SlackApi
    return yield* Effect.match(slack.upload(user, file), {
      onSuccess: () => withNote(message, `All of it is in ${file.name}, which I have sent to you alone.`),
      onFailure: ({ reason }) =>
        withNote(message, `The file with all of it was not taken (${escaped(reason)}): the command line shows it.`)
    })
  })
