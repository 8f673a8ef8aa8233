import { appends } from "../Appends.ts"
import type { Row } from "../Row.ts"

export const appendGroup: Row = {
  name: "append-group",
  title: "Durable appends per second by 16 writers, against a bare write and fdatasync",
  bar: { kind: "at least", ratio: 1 },
  how: "Sixteen writers in one process, each waiting for its own record; what waits goes out together. The bare loop is the same, of one writer.",
  run: ({ full }) => appends(16, full ? 800 : 160, full ? 15 : 5)
}
