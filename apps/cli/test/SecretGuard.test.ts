import { assert, describe, it } from "@effect/vitest"
import { keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either, Option } from "effect"
import { secretAmong } from "../src/SecretGuard.ts"

const secret = "ek-proxy-1234567890abcdef"
const id = keyIdOf(Either.getOrThrow(proxyKeySecret(secret)))

describe("a secret among the arguments", () => {
  it.each([[["delete", "--key", secret]], [["delete", `--key=${secret}`]]])(
    "I8: of a proxy key is refused with its id and the same command over the id: %j",
    (typed) => {
      const refused = Option.getOrThrow(secretAmong(typed))
      assert.include(refused.detail, id)
      assert.deepStrictEqual(refused.next, [`keysweep ${typed.join(" ").replace(secret, id)}`])
      assert.notInclude(JSON.stringify(refused), "1234567890abcdef")
    }
  )

  it("I8: after --leaked, which takes the value from a prompt, is named by its id as a key", () => {
    const refused = Option.getOrThrow(secretAmong(["disable", "--leaked", secret]))
    assert.deepStrictEqual(refused.next, [`keysweep disable --key ${id}`])
  })

  it("I8: that is a master key is refused with the way to hand it over, and not repeated", () => {
    const refused = Option.getOrThrow(secretAmong(["list", "ek-0123456789abcdef"]))
    assert.include(refused.next[0], "ELECTRONHUB_API_KEY")
    assert.notInclude(JSON.stringify(refused), "0123456789abcdef")
  })

  it.each([["week-long-clean-up"], ["ek-*"], ["--name=ek-?"], ["check-in"]])(
    "is not seen in an ordinary word: %s",
    (word) => {
      assert.isTrue(Option.isNone(secretAmong(["delete", "--name", word])))
    }
  )
})
