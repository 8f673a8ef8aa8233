declare const KEYSWEEP_VERSION: string | undefined

/** Written in by the bundler, from package.json. */
export const version: string = typeof KEYSWEEP_VERSION === "string" ? KEYSWEEP_VERSION : "0.0.0-dev"
