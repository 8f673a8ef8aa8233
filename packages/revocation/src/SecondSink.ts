import { Operator } from "@keysweep/audit/Actor"
import { Log } from "@keysweep/audit/Log"
import { eventText } from "@keysweep/audit/LogRecord"
import { DateTime, Effect, Layer, Ref } from "effect"
import { appendFile, mkdir } from "node:fs/promises"
import { join } from "node:path"

/**
 * A log that goes on when the log cannot: what the first refuses is written, unchained and unsigned, to a file beside
 * it. For panic alone, where stopping would be worse. `onTrouble` is told once, loudly, and given the file.
 */
export const layer = (home: string, onTrouble: (file: string, detail: string) => Effect.Effect<void>) =>
  Layer.effect(
    Log,
    Effect.gen(function* () {
      const first = yield* Log
      const { actor, surface } = yield* Operator
      const told = yield* Ref.make(false)
      const folder = join(home, "panic")
      const now = yield* DateTime.now
      const file = join(folder, `${DateTime.formatIso(now).replaceAll(/[^0-9TZ]/g, "")}.jsonl`)
      const keep = (line: string) =>
        Effect.tryPromise(() => mkdir(folder, { recursive: true, mode: 0o700 })).pipe(
          Effect.zipRight(Effect.tryPromise(() => appendFile(file, `${line}\n`, { mode: 0o600, flush: true }))),
          Effect.timeout("5 seconds"),
          Effect.ignore
        )
      const append: Log["Type"]["append"] = (event, run) =>
        first.append(event, run).pipe(
          Effect.catchTag("LogUnavailable", ({ detail }) =>
            Effect.gen(function* () {
              if (!(yield* Ref.getAndSet(told, true))) yield* onTrouble(file, detail)
              const at = yield* DateTime.now
              const line = {
                at: DateTime.formatIso(at),
                account: first.account,
                run: run ?? null,
                actor,
                surface,
                why: detail
              }
              yield* keep(`${JSON.stringify(line).slice(0, -1)},"event":${eventText(event)}}`)
              return {
                seq: 0,
                at,
                account: first.account,
                run: run ?? null,
                fence: null,
                actor,
                surface,
                event,
                prev: "",
                hash: ""
              }
            })
          )
        )
      return Log.of({ ...first, append })
    })
  )
