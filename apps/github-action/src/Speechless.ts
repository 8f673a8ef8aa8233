import { oneLine } from "@keysweep/core/SafeText"

/**
 * A line that the runner does not take for a command. It looks for `::` after leading white space, and for `##[`, the old
 * form, anywhere in a line.
 */
export const speechless = (text: string): string =>
  oneLine(text, 1000)
    .replaceAll(/:(?=:)/g, ": ")
    .replaceAll("##[", "# #[")
