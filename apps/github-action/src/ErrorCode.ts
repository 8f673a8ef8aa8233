/** The system's own word for what went wrong with a file (`ENOENT`), and nothing else of it. */
export const errorCode = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "no reason given"
