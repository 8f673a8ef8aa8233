import { Config, Effect, Option } from "effect"

/** Where a surface sends one kind of its telemetry: OTLP over HTTP in JSON. */
export interface Exporter {
  readonly url: string
  readonly service: string
  readonly headers: Record<string, string>
}

/**
 * What the variables of the OpenTelemetry specification say of traces or metrics; nothing: they are not wanted. Variables
 * that cannot be read never make anything fail.
 */
export const exporterOf = (
  signal: "traces" | "metrics",
  defaultService: string
): Effect.Effect<Option.Option<Exporter>> => {
  const name = signal.toUpperCase()
  return Config.all({
    disabled: Config.withDefault(Config.boolean("OTEL_SDK_DISABLED"), false),
    kind: text(`OTEL_${name}_EXPORTER`),
    own: text(`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`),
    base: text("OTEL_EXPORTER_OTLP_ENDPOINT"),
    headers: text("OTEL_EXPORTER_OTLP_HEADERS"),
    service: Config.withDefault(Config.string("OTEL_SERVICE_NAME"), defaultService)
  }).pipe(
    Effect.map(({ base, disabled, headers, kind, own, service }) => {
      const off = disabled || Option.contains(kind, "none")
      const url = Option.orElse(own, () => Option.map(base, (it) => `${it.replace(/\/+$/, "")}/v1/${signal}`))
      return Option.map(off ? Option.none() : url, (url) => ({ url, service, headers: headersOf(headers) }))
    }),
    Effect.orElseSucceed(() => Option.none())
  )
}

const text = (name: string) =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((value) => value.trim() !== "")))

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
