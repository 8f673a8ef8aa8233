import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { HttpBody } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { Layer } from "effect"
import type { Exporter } from "@keysweep/revocation/TelemetryOptions"
import { version } from "./Version.ts"

/** Spans as OTLP over HTTP in JSON. A collector that does not answer is waited for 2 s at the end of a command, no more. */
export const layer = ({ headers, service, url }: Exporter): Layer.Layer<never> =>
  OtlpTracer.layer({
    url,
    headers,
    resource: { serviceName: service, serviceVersion: version },
    shutdownTimeout: "2 seconds"
  }).pipe(Layer.provide([NodeHttpClient.layer, Layer.succeed(OtlpSerialization.OtlpSerialization, scrubbed)]))

/** I8, once more: whatever a span carries, no secret leaves in it. */
const safe = (data: unknown) => HttpBody.text(withoutSecrets(JSON.stringify(data)), "application/json")
const scrubbed = { traces: safe, metrics: safe, logs: safe }
