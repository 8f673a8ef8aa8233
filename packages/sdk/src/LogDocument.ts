import { AuditEvent } from "@keysweep/audit/Event"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { DateTime, Schema } from "effect"
import type { LogRecordDocument } from "./Documents.ts"

/** A record as plain JSON. An event of a newer program is as it was written. */
export const logRecordDocument = (record: LogRecord): LogRecordDocument => ({
  ...record,
  at: DateTime.formatIso(record.at),
  event:
    record.event._tag === "Unknown"
      ? { _tag: record.event.was, ...plain(record.event.raw) }
      : { _tag: record.event._tag, ...plain(encode(record.event)) }
})

const encode = Schema.encodeSync(AuditEvent)

const plain = (value: unknown): Omit<LogRecordDocument["event"], "_tag"> => JSON.parse(JSON.stringify(value))
