import type { KeyInput } from "@keysweep/emulator/AccountState"
import type { EmulatorOptions } from "@keysweep/emulator/Emulator"

/** An upstream whose one account has these keys. */
export const accountWith = (keys: ReadonlyArray<KeyInput>): EmulatorOptions => ({
  seed: { accounts: [{ apiKey: "ek-master-key-of-the-test", plan: "pro", userId: "user_1", keys }] }
})

export const keysCalled = (names: ReadonlyArray<string>): EmulatorOptions =>
  accountWith(
    names.map((name, at) => ({ name, key: `ek-proxy-${String(at).padStart(16, "0")}`, allocated_ammount: 5 }))
  )
