import { appends } from "../Appends.ts"
import type { Row } from "../Row.ts"

export const appendOne: Row = {
  name: "append-one",
  title: "Durable appends per second, one at a time, against a bare write and fdatasync",
  bar: { kind: "at least", ratio: 0.4 },
  how: "A record is linked, written, synced and signed before the next one begins. The bare loop writes a line of the same length with `writeSync` and `fdatasyncSync`, to the same disk.",
  run: ({ full }) => appends(1, full ? 200 : 40, full ? 15 : 5)
}
