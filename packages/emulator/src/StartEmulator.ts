import { Effect, ManagedRuntime, Redacted } from "effect"
import { Emulator, type EmulatorOptions } from "./Emulator.ts"

export interface RunningEmulator {
  /** Ends in `/v1`. */
  readonly url: string
  /** The master key, in plain text. */
  readonly apiKey: string
  /** Base of the control routes: ends in `/__emulator`. */
  readonly control: string
  readonly port: number
  /** Cuts every connection and frees the port. */
  readonly close: () => Promise<void>
}

/** The emulator for people who do not use Effect. Rejects with `EmulatorFailed`. */
export const startEmulator = (options: EmulatorOptions = {}): Promise<RunningEmulator> => {
  const runtime = ManagedRuntime.make(Emulator.layer(options))
  return runtime.runPromise(
    Effect.map(Emulator, (emulator) => ({
      url: emulator.url,
      apiKey: Redacted.value(emulator.apiKey),
      control: emulator.control,
      port: emulator.port,
      close: () => runtime.dispose()
    }))
  )
}
