/** What a text may look like. Without colour every function gives its text back. */
export interface Style {
  readonly colour: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

const escape = "\u001B["

export const styleOf = (colour: boolean): Style => {
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      colour && text !== "" ? `${escape}${on}m${text}${escape}${off}m` : text
  return {
    colour,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39)
  }
}

export const plain: Style = styleOf(false)
