import { Config, Effect, Layer, Option } from "effect"

const text = (name: string) =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((value) => value.trim() !== "")))

/** The variables of the OpenTelemetry specification that say where traces go. */
const exporter = Config.all({
  disabled: Config.withDefault(Config.boolean("OTEL_SDK_DISABLED"), false),
  kind: text("OTEL_TRACES_EXPORTER"),
  traces: text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  base: text("OTEL_EXPORTER_OTLP_ENDPOINT"),
  headers: text("OTEL_EXPORTER_OTLP_HEADERS"),
  service: Config.withDefault(Config.string("OTEL_SERVICE_NAME"), "keysweep")
}).pipe(
  Config.map(({ base, disabled, headers, kind, service, traces }) => {
    const off = disabled || Option.contains(kind, "none")
    const url = Option.orElse(traces, () => Option.map(base, (it) => `${it.replace(/\/+$/, "")}/v1/traces`))
    return Option.map(off ? Option.none() : url, (url) => ({ url, service, headers: headersOf(headers) }))
  })
)

export type Exporter = { readonly url: string; readonly service: string; readonly headers: Record<string, string> }

/** `name=value,other=value`, percent-encoded (W3C Baggage). */
const headersOf = (listed: Option.Option<string>): Record<string, string> =>
  Object.fromEntries(
    Option.getOrElse(listed, () => "")
      .split(",")
      .flatMap((pair) => {
        const [name = "", ...value] = pair.split("=")
        return name.trim() === "" ? [] : [[name.trim(), decoded(value.join("=").trim())] as const]
      })
  )

const decoded = (value: string): string =>
  Option.getOrElse(Option.liftThrowable(decodeURIComponent)(value), () => value)

/** Traces, where the usual variables say where to; what exports them is loaded only then. It never makes a command fail. */
export const telemetryLayer: Layer.Layer<never> = Layer.unwrapEffect(
  Effect.flatMap(
    Effect.orElseSucceed(exporter, () => Option.none<Exporter>()),
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
