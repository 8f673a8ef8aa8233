import { SqlClient } from "@effect/sql/SqlClient"
import { empty, PacerState } from "@keysweep/core/PacerState"
import { PacerStore, PacerStoreUnavailable } from "@keysweep/core/PacerStore"
import { Effect, Layer, Schema } from "effect"
import { exclusively } from "./PgTransaction.ts"
import { answered } from "./PgTrouble.ts"

/**
 * The pacer's state in a database, shared by all programs and machines that open it; their clocks must agree to well
 * within a second. A step waits for the others' at most 5 s. All of it outlives the machine.
 */
export const layer: Layer.Layer<PacerStore, never, SqlClient> = Layer.effect(
  PacerStore,
  Effect.map(SqlClient, (sql) => {
    const modify: PacerStore["Type"]["modify"] = (credential, change) =>
      Effect.gen(function* () {
        const rows = yield* sql<{ readonly state: string }>`select state from keysweep_pacer
          where credential = ${credential}`
        const before = rows[0] === undefined ? empty : yield* Effect.mapError(decode(rows[0].state), unreadable)
        const [result, after] = change(before)
        if (after !== before)
          yield* sql`insert into keysweep_pacer (credential, state) values (${credential}, ${encode(after)})
            on conflict (credential) do update set state = excluded.state`
        return result
      }).pipe(exclusively(sql, `pacer/${credential}`), (work) => answered(work, unavailable))

    return PacerStore.of({ modify })
  })
)

const document = Schema.parseJson(PacerState)
const decode = Schema.decodeUnknown(document)
const encode = Schema.encodeSync(document)

const unavailable = (detail: string) => new PacerStoreUnavailable({ detail })

const unreadable = () =>
  unavailable("its row in keysweep_pacer cannot be read; after four minutes without a request it may be removed")
