/** A route and what it does. `{key}` in the path stands for one segment. */
export interface Route<Handler> {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly handler: Handler
  /** A body that is sent to a route which takes none is not even parsed. */
  readonly takesBody?: true
}

export type Match<Handler> =
  | { readonly _tag: "Found"; readonly route: Route<Handler>; readonly key: string | undefined }
  | { readonly _tag: "MethodNotAllowed"; readonly allow: string }
  | { readonly _tag: "Redirect"; readonly path: string }
  | { readonly _tag: "NotFound" }

export interface RouterRules {
  /** Whether every route is also there without `/v1`. */
  readonly unprefixed: boolean
  readonly redirectSlashes: boolean
}

/**
 * Matches as Starlette does: the first route that fits wins; a path that fits with another method is a 405; else the
 * path without its trailing slashes (or with one) is tried, and a redirect to it answered.
 */
export const makeRouter = <Handler>(routes: ReadonlyArray<Route<Handler>>, rules: RouterRules) => {
  const compiled = routes.map((route) => ({
    route,
    method: route.method,
    pattern: pattern(route.path, rules.unprefixed)
  }))
  const fits = (path: string) => compiled.some((route) => route.pattern.test(path))

  return (method: string, path: string): Match<Handler> => {
    let allow: string | undefined
    for (const route of compiled) {
      const groups = route.pattern.exec(path)
      if (groups === null) continue
      if (route.method === method) return { _tag: "Found", route: route.route, key: groups[1] }
      allow ??= route.method
    }
    if (allow !== undefined) return { _tag: "MethodNotAllowed", allow }
    if (rules.redirectSlashes && path !== "/") {
      const other = path.endsWith("/") ? path.replace(/\/+$/, "") : `${path}/`
      if (fits(other)) return { _tag: "Redirect", path: other }
    }
    return { _tag: "NotFound" }
  }
}

/** Python's `$` also matches before a line feed at the very end, so `…/delete%0A` is `…/delete` to Starlette. */
const pattern = (path: string, unprefixed: boolean): RegExp =>
  new RegExp(`^${unprefixed ? "(?:/v1)?" : "/v1"}${path.replace("{key}", "([^/]+)")}\\n?$`, "u")
