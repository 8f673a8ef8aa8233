import { type KeyId, keyIdOf, proxyKeySecret, type ProxyKeySecret } from "@keysweep/core/ProxyKey"
import { Effect, Either } from "effect"
import { UsageError } from "./CliError.ts"
import { Output } from "./Output.ts"

/** More than any key is long. */
const longest = 4096

/**
 * One proxy key from somebody who has it: typed at a prompt that shows nothing, or from standard input. Never an argument.
 * What is no proxy key is refused and not repeated.
 */
export const proxyKeyInput = (
  command: string
): Effect.Effect<{ readonly id: KeyId; readonly secret: ProxyKeySecret }, UsageError, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    const next = [`${command}   (at a terminal: it asks, and shows nothing)`, `${command} < FILE`]
    const asks = process.stdin.isTTY === true
    if (asks && !err.isTerminal) {
      return yield* new UsageError({ detail: "Nobody can be asked: standard error is no terminal.", next })
    }
    const text = yield* asks
      ? hidden(err.write("The key (it is not shown): "), err.write("\n"))
      : standardInput(longest)
    return yield* Either.match(proxyKeySecret(text.trim()), {
      onRight: (secret) => Effect.succeed({ id: keyIdOf(secret), secret }),
      onLeft: (detail) =>
        new UsageError({ detail: text.trim() === "" ? "No key was given." : `This is ${detail}.`, next })
    })
  })

/** Everything that comes on standard input, up to a limit of bytes: what is longer comes back longer than it. */
export const standardInput = (limit: number): Effect.Effect<string> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const { stdin } = process
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) end()
    }
    const end = () => {
      stop()
      resume(Effect.succeed(Buffer.concat(chunks).toString("utf8")))
    }
    const stop = () => {
      stdin.off("data", take).off("end", end).off("error", end)
      stdin.pause()
    }
    stdin.on("data", take).on("end", end).on("error", end)
    return Effect.sync(stop)
  })

/** One line from a terminal that shows nothing from before the question on. Ctrl-C is the signal that it always is. */
const hidden = (question: Effect.Effect<void>, afterwards: Effect.Effect<void>): Effect.Effect<string> =>
  Effect.acquireUseRelease(
    Effect.sync(() => process.stdin.setRawMode(true)),
    () => Effect.zipRight(question, rawLine),
    () =>
      Effect.zipRight(
        Effect.sync(() => process.stdin.setRawMode(false)),
        afterwards
      )
  )

const rawLine: Effect.Effect<string> = Effect.async((resume) => {
  let text = ""
  const { stdin } = process
  const take = (chunk: Buffer) => {
    for (const character of chunk.toString("utf8")) {
      if (character === "\u0003") process.kill(process.pid, "SIGINT")
      else if (character === "\u007F" || character === "\b") text = text.slice(0, -1)
      else if (character === "\r" || character === "\n" || character === "\u0004" || text.length > longest) {
        stop()
        resume(Effect.succeed(text))
        return
      } else text += character
    }
  }
  const stop = () => {
    stdin.off("data", take)
    stdin.pause()
  }
  stdin.on("data", take)
  stdin.resume()
  return Effect.sync(stop)
})
