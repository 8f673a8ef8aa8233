import picomatch from "picomatch"

/**
 * Whether a whole name matches a glob: `*` any run of characters, `?` one character, `[a-c]` one of them, `{a,b}`
 * alternatives. A slash or a leading dot in a name is a character like any other.
 */
export const matchesName = (glob: string, name: string): boolean =>
  picomatch.isMatch(name.replaceAll("/", "∕"), glob.replaceAll("/", "∕"), { dot: true, nonegate: true, noextglob: true })
