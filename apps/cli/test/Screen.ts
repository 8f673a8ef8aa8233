/** What a terminal shows after this text: line breaks, returns, cursor up, erasing below. Colours are left out. */
export const screenOf = (text: string): string => {
  const [first = "", ...others] = text.split("\u001B[")
  const rows: Array<string> = [""]
  let row = 0
  let column = 0
  const type = (plain: string) => {
    for (const character of plain) {
      if (character === "\r") column = 0
      else if (character === "\n") {
        row += 1
        column = 0
        if (rows.length <= row) rows.push("")
      } else {
        rows[row] = (rows[row] ?? "").slice(0, column).padEnd(column) + character
        column += character.length
      }
    }
  }
  type(first)
  for (const other of others) {
    const [whole = "", count, command] = /^([\d;]*)([A-Za-z])/u.exec(other) ?? []
    if (command === "A") row = Math.max(0, row - Number(count))
    if (command === "J") rows.splice(row, rows.length, (rows[row] ?? "").slice(0, column))
    type(other.slice(whole.length))
  }
  return rows.join("\n").trimEnd()
}
