/** A block of IP addresses; one address is a block of its own. An IPv4 address mapped into IPv6 counts as IPv4. */
export interface AddressRange {
  readonly bits: 32 | 128
  /** The block's first address as a number. */
  readonly first: bigint
  /** Leading bits that all addresses of the block share. */
  readonly prefix: number
}

/** `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. Nothing for any other text: octal-looking parts, zones, host names. */
export const parseAddressRange = (text: string): AddressRange | null => {
  const match = /^([0-9a-fA-F.:]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(text)
  if (match === null) return null
  const [, address = "", prefixText] = match
  const parsed = address.includes(":") ? parseV6(address) : parseV4(address)
  if (parsed === null) return null
  const bits = address.includes(":") ? 128 : 32
  const prefix = prefixText === undefined ? bits : Number(prefixText)
  if (prefix > bits) return null
  return unmapped({ bits, first: firstOf(parsed, bits, prefix), prefix })
}

/** Whether every address of `inner` is one of `outer`. */
export const isWithin = (inner: AddressRange, outer: AddressRange): boolean =>
  inner.bits === outer.bits &&
  inner.prefix >= outer.prefix &&
  firstOf(inner.first, outer.bits, outer.prefix) === outer.first

const firstOf = (address: bigint, bits: number, prefix: number): bigint => {
  const host = BigInt(bits - prefix)
  return (address >> host) << host
}

const mappedPrefix = 0xffffn

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`. */
const unmapped = (range: AddressRange): AddressRange =>
  range.bits === 128 && range.prefix >= 96 && range.first >> 32n === mappedPrefix
    ? { bits: 32, first: range.first & 0xffffffffn, prefix: range.prefix - 96 }
    : range

const parseV4 = (text: string): bigint | null => {
  const parts = text.split(".")
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return null
  return numberOf(parts.map(Number), 8n)
}

const parseV6 = (text: string): bigint | null => {
  const tail = /(?:^|:)(\d[\d.]*\.\d+)$/.exec(text)?.[1]
  const v4 = tail === undefined ? 0n : parseV4(tail)
  if (v4 === null) return null
  const whole =
    tail === undefined
      ? text
      : `${text.slice(0, -tail.length)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  const [before = "", after, ...more] = whole.split("::")
  if (more.length > 0) return null
  const head = groupsOf(before)
  const rest = groupsOf(after ?? "")
  if (head === null || rest === null) return null
  const missing = 8 - head.length - rest.length
  if (after === undefined ? missing !== 0 : missing < 1) return null
  return numberOf([...head, ...Array.from({ length: missing }, () => 0), ...rest], 16n)
}

const groupsOf = (text: string): ReadonlyArray<number> | null => {
  if (text === "") return []
  const groups = text.split(":")
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null
}

const numberOf = (parts: ReadonlyArray<number>, width: bigint): bigint =>
  parts.reduce((number, part) => (number << width) | BigInt(part), 0n)
