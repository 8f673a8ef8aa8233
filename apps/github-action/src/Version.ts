declare const KEYSWEEP_VERSION: string

/** Written in by the bundler, from package.json. */
export const version = KEYSWEEP_VERSION
