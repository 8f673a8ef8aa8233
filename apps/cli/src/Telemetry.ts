import { exporterOf } from "@keysweep/revocation/TelemetryOptions"
import { Effect, Layer, Option } from "effect"

/** Traces, where the usual variables say where to; what exports them is loaded only then. It never makes a command fail. */
export const telemetryLayer: Layer.Layer<never> = Layer.unwrapEffect(
  Effect.flatMap(
    exporterOf("traces", "keysweep"),
    Option.match({
      onNone: () => Effect.succeed(Layer.empty),
      onSome: (exporter) =>
        Effect.map(
          Effect.promise(() => import("./Traces.ts")),
          ({ layer }) => layer(exporter)
        )
    })
  )
)
