import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { HttpBody } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { type Exporter, exporterOf } from "@keysweep/revocation/TelemetryOptions"
import { Config, Effect, Layer, Option } from "effect"
import { version } from "./Version.ts"

/**
 * Traces and metrics as OTLP over HTTP in JSON, where the usual variables say where to. A collector that does not answer
 * keeps nothing from being done; it is waited for 2 s at the end.
 */
export const telemetryLayer: Layer.Layer<never> = Layer.unwrapEffect(
  Effect.gen(function* () {
    const traces = yield* exporterOf("traces", service)
    const metrics = yield* exporterOf("metrics", service)
    const exportInterval = yield* Config.withDefault(Config.integer("OTEL_METRIC_EXPORT_INTERVAL"), 60_000).pipe(
      Effect.orElseSucceed(() => 60_000)
    )
    return Layer.mergeAll(
      where(traces, (exporter) => OtlpTracer.layer(optionsOf(exporter))),
      where(metrics, (exporter) => OtlpMetrics.layer({ ...optionsOf(exporter), exportInterval }))
    ).pipe(Layer.provide([NodeHttpClient.layer, Layer.succeed(OtlpSerialization.OtlpSerialization, scrubbed)]))
  })
)

const service = "keysweep-slack"

const where = <R>(exporter: Option.Option<Exporter>, layer: (exporter: Exporter) => Layer.Layer<never, never, R>) =>
  Option.match(exporter, { onNone: () => Layer.empty, onSome: layer })

const optionsOf = ({ headers, service, url }: Exporter) =>
  ({
    url,
    headers,
    resource: { serviceName: service, serviceVersion: version },
    shutdownTimeout: "2 seconds"
  }) as const

/** I8, once more: whatever a span or a label carries, no secret leaves in it. */
const safe = (data: unknown) => HttpBody.text(withoutSecrets(JSON.stringify(data)), "application/json")
const scrubbed = { traces: safe, metrics: safe, logs: safe }
