import { NodeHttpClient } from "@effect/platform-node"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { parseSettings, Settings } from "@keysweep/revocation/Settings"
import * as SweepFiles from "@keysweep/revocation/SweepFiles"
import { Effect, Either, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { randomUUID } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Message, Modal } from "../src/Blocks.ts"
import { AlarmClock } from "../src/AlarmClock.ts"
import { Bot } from "../src/Bot.ts"
import { Chores } from "../src/Chores.ts"
import type { ErrandId } from "../src/Errand.ts"
import { Errands } from "../src/Errands.ts"
import { lookAtErrand } from "../src/ErrandWork.ts"
import { Members } from "../src/Members.ts"
import { type Desk, look } from "../src/Proceeding.ts"
import type { RequestId } from "../src/Request.ts"
import { RequestGuard } from "../src/RequestGuard.ts"
import { Requests } from "../src/Requests.ts"
import type { TextFile } from "../src/Reply.ts"
import { SlackApi, SlackUnavailable } from "../src/SlackApi.ts"
import { SoakNotes } from "../src/SoakNotes.ts"
import { Sweeps } from "../src/Sweeps.ts"
import { databaseAt, freshDatabase } from "./Database.ts"

export interface Said {
  readonly posted: Array<Message>
  readonly answers: Array<Message>
  readonly modals: Array<Modal>
  readonly files: Array<TextFile & { readonly to: unknown }>
}

export const people = "people: [{ name: rita, slack: U1 }, { name: otto, slack: U2 }]\n"

/** The bot without Bolt and without HTTP towards Slack: what it says is kept in lists. */
export const makeBot = (yaml: string, post: "taken" | "not_in_channel" = "taken", emulator: EmulatorOptions = {}) =>
  Effect.gen(function* () {
    const timeScale = 120
    const upstream = yield* Emulator.start({ seedSecret: "handlers", rpm: 1000, timeScale, ...emulator })
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "keysweep-handlers-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const database = yield* freshDatabase
    const settings = Either.getOrThrow(parseSettings("keysweep.yaml", yaml))
    const said: Said = { posted: [], answers: [], modals: [], files: [] }
    const slack = Layer.succeed(SlackApi, {
      post: (_, message) =>
        post === "taken"
          ? Effect.as(
              Effect.sync(() => said.posted.push(message)),
              String(said.posted.length + 1)
            )
          : Effect.fail(new SlackUnavailable({ method: "chat.postMessage", reason: post, retryAfterMillis: null })),
      update: (_, message) => Effect.sync(() => void said.posted.push(message)),
      answer: (_, message) => Effect.sync(() => void said.answers.push(message)),
      openModal: (_, modal) =>
        Effect.as(
          Effect.sync(() => said.modals.push(modal)),
          String(said.modals.length)
        ),
      updateModal: (_, modal) => Effect.sync(() => void said.modals.push(modal)),
      members: () => Effect.succeed([]),
      upload: (to, file) => Effect.sync(() => void said.files.push({ to, ...file }))
    })
    const options = {
      account: { masterKey: upstream.apiKey, baseUrl: upstream.url, timeScale },
      home,
      userAgent: "keysweep/test"
    }
    const files = SweepFiles.layer(options).pipe(
      Layer.provideMerge(Layer.succeed(Settings, settings)),
      Layer.provideMerge(NodeHttpClient.layer)
    )
    const context = yield* Layer.build(
      Bot.layer.pipe(
        Layer.provideMerge(alarms),
        Layer.provideMerge(Layer.mergeAll(Errands.layer, Requests.layer, RequestGuard.layer)),
        Layer.provideMerge(
          Layer.mergeAll(
            Chores.layer,
            SoakNotes.layer,
            Sweeps.layer(Effect.succeed(settings), options).pipe(
              Layer.provide(files),
              Layer.provide(Layer.provide(Members.layer, slack))
            ),
            slack
          )
        ),
        Layer.provide(databaseAt(database))
      )
    )
    const bot = yield* Effect.provide(Bot, context)
    const looks = yield* Effect.provide(AlarmClock, context)
    const requests = yield* Effect.provide(Requests, context)
    const errands = yield* Effect.provide(Errands, context)
    /** What a server does that comes to an errand again. */
    const again = (id: ErrandId) => Effect.provide(lookAtErrand(id, 2), context)
    const type = (user: string, text: string, signature: string = randomUUID()) =>
      bot.command({ user, team: "T1", channel: "C1", text, signature, trigger: "", responseUrl: "" })
    const names = Effect.map(upstream.state, ({ accounts }) =>
      (accounts[0]?.keys ?? []).map(({ name }) => String(name))
    )
    const active = Effect.map(upstream.state, ({ accounts }) =>
      (accounts[0]?.keys ?? []).filter((key) => key.is_active).map(({ name }) => String(name))
    )
    /** Sends a form, and waits for what follows; gives the errors that it shows. */
    const submit = (user: string, form: string, subject: string, typed: string) =>
      Effect.gen(function* () {
        const { after, errors } = yield* bot.submit({ user, team: "T1", form, subject, typed })
        yield* after
        return errors
      })
    return { active, again, bot, database, errands, looks, names, requests, said, submit, type, upstream }
  })

/** Looks at once instead of soon. */
const alarms = Layer.effect(
  AlarmClock,
  Effect.map(Effect.context<Desk>(), (desk) => ({
    wake: (id: RequestId) => Effect.ignore(Effect.provide(look(id), desk)),
    begin: (id: ErrandId) => Effect.ignore(Effect.provide(lookAtErrand(id, 1), desk))
  }))
)

export const textOf = (message: unknown): string => JSON.stringify(message)
