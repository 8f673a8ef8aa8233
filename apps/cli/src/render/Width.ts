import stringWidth from "string-width"

/** Columns that a text takes on a terminal: wide characters take two, combining ones none. */
export const widthOf = (text: string): number => stringWidth(text)
