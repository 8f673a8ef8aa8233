import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { isIP, isIPv6 } from "node:net"
import { isWithin, parseAddressRange } from "../src/AddressRange.ts"

const within = (inner: string, outer: string) => {
  const [a, b] = [parseAddressRange(inner), parseAddressRange(outer)]
  return a === null || b === null ? null : isWithin(a, b)
}

describe("AddressRange", () => {
  it("an address or a range lies in a range", () => {
    assert.isTrue(within("10.1.2.3", "10.0.0.0/8"))
    assert.isTrue(within("10.1.0.0/16", "10.0.0.0/8"))
    assert.isTrue(within("10.0.0.0/8", "10.0.0.0/8"))
    assert.isFalse(within("10.0.0.0/8", "10.1.0.0/16"))
    assert.isFalse(within("10.0.0.0/8", "10.0.0.0/16"))
    assert.isFalse(within("11.0.0.1", "10.0.0.0/8"))
    assert.isTrue(within("203.0.113.7", "0.0.0.0/0"))
    assert.isTrue(within("2001:db8::1", "2001:db8::/32"))
    assert.isFalse(within("2001:db9::1", "2001:db8::/32"))
    assert.isTrue(within("10.9.9.9", "10.1.2.3/8"))
  })

  it("the two families are apart, but a mapped address is the address", () => {
    assert.isFalse(within("10.0.0.1", "::/0"))
    assert.isFalse(within("::1", "0.0.0.0/0"))
    assert.isTrue(within("::ffff:10.0.0.1", "10.0.0.0/8"))
    assert.isTrue(within("10.0.0.1", "::ffff:10.0.0.0/104"))
  })

  it("what is not plainly an address is refused", () => {
    const refused = [
      "",
      "host",
      "10.0.0",
      "10.0.0.256",
      "010.0.0.1",
      "10.0.0.1/33",
      "10.0.0.1/08",
      "10.0.0.1/",
      "1:2:3:4:5:6:7",
      "1::2::3",
      "fe80::1%eth0",
      "::/129",
      ":1:2:3:4:5:6:7:8",
      "10.0.0.1 ",
      "1.2.3.4:80",
      "::1.2.3",
      "1:2:3:4:5:6:7:8::"
    ]
    for (const text of refused) assert.isNull(parseAddressRange(text), text)
  })

  it.prop(
    "what Node calls an address is one, written short or long",
    [
      FastCheck.oneof(
        FastCheck.ipV4(),
        FastCheck.ipV6(),
        FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789abcf:.") })
      )
    ],
    ([text]) => {
      // Node takes an IPv4 tail of an IPv6 address with the same rules.
      assert.strictEqual(parseAddressRange(text) !== null, isIP(text) !== 0, text)
      if (isIPv6(text)) assert.isTrue(within(new URL(`http://[${text}]`).hostname.slice(1, -1), text))
    },
    { fastCheck: { numRuns: 1000 } }
  )
})
