import { Operator } from "@keysweep/audit/Actor"
import type { AuditEvent } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { eventText } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { makeDir } from "@keysweep/audit/store/Files"
import { DateTime, Effect, Layer, Ref } from "effect"
import { appendFile } from "node:fs/promises"
import { join } from "node:path"

/**
 * A log that goes on when the log cannot: from its first refusal on everything is written, unchained and unsigned, to a
 * file beside it. For panic alone, where stopping would be worse, and where each record that waits for a disk that hangs
 * would cost 5 s: so neither is asked again once it has failed. `onTrouble` is told once, loudly, and given the file.
 */
export const layer = (home: string, onTrouble: (file: string, detail: string) => Effect.Effect<void>) =>
  Layer.effect(
    Log,
    Effect.gen(function* () {
      const first = yield* Log
      const { actor, surface } = yield* Operator
      const refusal = yield* Ref.make<string | null>(null)
      const lost = yield* Ref.make(false)
      const folder = join(home, "panic")
      const now = yield* DateTime.now
      const file = join(folder, `${DateTime.formatIso(now).replaceAll(/[^0-9TZ]/g, "")}.jsonl`)
      const keep = (line: string) =>
        makeDir(folder).pipe(
          Effect.zipRight(Effect.tryPromise(() => appendFile(file, `${line}\n`, { mode: 0o600, flush: true }))),
          Effect.timeout("5 seconds"),
          Effect.catchAll(() => Ref.set(lost, true)),
          Effect.unlessEffect(Ref.get(lost))
        )
      const refused = (detail: string) =>
        Effect.flatMap(Ref.getAndSet(refusal, detail), (earlier) =>
          earlier === null ? onTrouble(file, detail) : Effect.void
        )
      const sink = (event: AuditEvent, run: RunId | null, why: string) =>
        Effect.gen(function* () {
          const at = yield* DateTime.now
          const { account } = first
          const line = { at: DateTime.formatIso(at), account, run, actor, surface, why }
          yield* keep(`${JSON.stringify(line).slice(0, -1)},"event":${eventText(event)}}`)
          return { seq: 0, at, account, run, fence: null, actor, surface, event, prev: "", hash: "" }
        })
      const append: Log["Type"]["append"] = (event, run) =>
        Effect.flatMap(Ref.get(refusal), (why) =>
          why === null
            ? first
                .append(event, run)
                .pipe(
                  Effect.catchTag("LogUnavailable", ({ detail }) =>
                    Effect.zipRight(refused(detail), sink(event, run ?? null, detail))
                  )
                )
            : sink(event, run ?? null, why)
        )
      return Log.of({ ...first, append })
    })
  )
