/**
 * A text that no runner of workflows takes for a command. GitHub's looks for `::` after leading white space, and for `##[`,
 * the old form, anywhere in a line; Azure's for `##vso[`.
 */
export const speechless = (text: string): string =>
  text.replaceAll(/^([^\S\n]*):(?=:)/gmu, "$1: ").replaceAll(/#(?=#(?:vso)?\[)/gu, "# ")
