/**
 * Every request that some router, proxy or edge might take for "delete every key of the account": the raw target read
 * as it stands and after each of the usual normalisations, alone and in any order up to three deep.
 */
export const mayDeleteAll = (method: string, target: string): boolean => {
  if (method !== "DELETE") return false
  let readings = new Set([target])
  for (let depth = 0; depth < 3; depth++) {
    readings = new Set([
      ...readings,
      ...[...readings].flatMap((it) => normalisations.map((normalise) => normalise(it)))
    ])
  }
  return [...readings].some((path) => /^\/v1\/auth\/proxy(\/delete)?\/*$/i.test(path))
}

const normalisations: ReadonlyArray<(target: string) => string> = [
  (target) => target.replace(/[?#].*$/s, ""),
  (target) => target.replace(/;[^/]*/g, ""),
  (target) => target.replaceAll("\\", "/"),
  (target) => target.replace(/\/{2,}/g, "/"),
  (target) => target.replace(/[\s\0]+$/, "").replace(/[\s\0]+/g, ""),
  (target) => target.normalize("NFKC"),
  decoded,
  withoutDots
]

function decoded(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}

function withoutDots(target: string): string {
  const out: Array<string> = []
  for (const segment of target.split("/")) {
    if (segment === "..") out.pop()
    else if (segment !== ".") out.push(segment)
  }
  return out.join("/") || "/"
}
