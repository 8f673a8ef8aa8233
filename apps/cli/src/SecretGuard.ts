import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either, Option } from "effect"
import { UsageError } from "./CliError.ts"

/** Longer than any word that happens to begin like this; not in the middle of a word (`week-long-…`). */
const shape = /(?<![\p{L}\p{N}])ek-(?:proxy-[^\s"',;]+|[\p{L}\p{N}_~+.=-]{8,})/u
const everyShape = new RegExp(shape, "gu")

/**
 * A secret among the arguments is refused before anything else looks at them: what is typed stands in the shell's
 * history and in the list of processes. The refusal names the key by its id and never repeats the secret.
 */
export const secretAmong = (typed: ReadonlyArray<string>): Option.Option<UsageError> => {
  const found = typed.map((token) => shape.exec(token)?.[0]).find((text) => text !== undefined)
  if (found === undefined) return Option.none()
  const key = Option.getRight(proxyKeySecret(found))
  if (Option.isNone(key) || !found.startsWith("ek-proxy-")) {
    return Option.some(
      new UsageError({
        detail:
          "An argument looks like a master key. Secrets are never taken from the command line: they would stay in the shell's history.",
        next: ["read -rs ELECTRONHUB_API_KEY && export ELECTRONHUB_API_KEY", "Then the same command without the key."]
      })
    )
  }
  return Option.some(
    new UsageError({
      detail: `An argument is the secret of the key ${keyIdOf(key.value)}. Secrets are never taken from the command line: this one is in the shell's history now.`,
      next: [`keysweep ${typed.map(withIds).map(shellWord).join(" ").replace("--leaked", "--key")}`]
    })
  )
}

const withIds = (token: string): string =>
  token.replaceAll(everyShape, (text) => Either.match(proxyKeySecret(text), { onLeft: () => "…", onRight: keyIdOf }))

/** A word as a POSIX shell takes it unchanged. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
