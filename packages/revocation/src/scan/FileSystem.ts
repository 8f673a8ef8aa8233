import { Either, Predicate } from "effect"

/** A synchronous call of the file system, or the code of its failure: `EACCES` and the like. */
export const system = <A>(call: () => A): Either.Either<A, string> =>
  Either.try({
    try: call,
    catch: (cause) => (Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown failure")
  })

/** The code in words. It holds no path: whoever shows it has one. */
export const reasonOf = (code: string): string => {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "there is no permission to read it"
    case "ENOENT":
      return "it does not exist"
    default:
      return `it cannot be read (${code})`
  }
}
