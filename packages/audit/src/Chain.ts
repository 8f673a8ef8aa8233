import { Option } from "effect"
import { type Head, isHeadSigned, isSignedBy, signerText } from "./Head.ts"
import { anchorOf, type Envelope, envelopeOf, hashOfLine, origin, tagOf, type Tip } from "./LogRecord.ts"

export type Problem =
  | "edited"
  | "missing"
  | "reordered"
  | "inserted"
  | "cut"
  | "unsigned"
  | "torn"
  | "foreign signature"
  | "foreign account"
  | "anchor"

export type Verification =
  | {
      readonly ok: true
      readonly records: number
      /** `seq:hash` of the last record, `null` for an empty log. */
      readonly anchor: string | null
      /** The key that signed the head, `null` for an empty log. */
      readonly signer: string | null
    }
  | Flaw

/** `seq`: the first place where the log is not what was written. `detail` is safe text. */
export interface Flaw {
  readonly ok: false
  readonly seq: number
  readonly problem: Problem
  readonly detail: string
}

export interface ChainCheck {
  /** One complete line, without its line break. `false` ends the check: there is a flaw. */
  readonly next: (line: string) => boolean
  /** `torn`: the bytes after the last line break, if any. */
  readonly end: (head: Option.Option<Head>, torn: boolean) => Verification
  /** Whether nothing wrong was found so far. */
  readonly sound: () => boolean
  /** The last sound record that was read. */
  readonly tip: () => Tip
  /** The keys that may sign, as far as the lines were read. */
  readonly signers: () => ReadonlyArray<string>
}

/**
 * Follows a log line by line in bounded memory and finds the first thing that is wrong with it.
 *
 * @param trusted keys of which the log's first signer must be one; absent: any. Without it, an own log that somebody
 *   wrote from scratch with a key of theirs is as good as yours.
 * @param start where the lines begin; the whole log by default.
 */
export const checkChain = (
  options: {
    readonly account?: string | undefined
    readonly anchor?: string | undefined
    readonly trusted?: ReadonlyArray<string> | undefined
    readonly start?: Tip | undefined
  } = {}
): ChainCheck => {
  const start = options.start ?? origin
  const anchor = parseAnchor(options.anchor)
  const signers: Array<string> = []
  let tip = start
  let account = options.account
  let flaw: Flaw | null = null
  let before = start
  let gap: Gap | null = null

  const fail = (seq: number, problem: Problem, detail: string): false => {
    flaw ??= { ok: false, seq, problem, detail }
    return false
  }

  const signerEvent = (envelope: Envelope): boolean => {
    const event = envelope.event
    const tag = tagOf(event)
    if (envelope.seq === 1) {
      if (tag !== "LogStarted" || !hasText(event, "key"))
        return fail(1, "edited", "the first record names no signing key")
      if (options.trusted !== undefined && !options.trusted.includes(event.key)) {
        return fail(1, "foreign signature", "the log was begun by a key that is not trusted")
      }
      signers.push(event.key)
    } else if (tag === "SignerAdded") {
      const valid =
        hasText(event, "key") &&
        hasText(event, "by") &&
        hasText(event, "sig") &&
        signers.includes(event.by) &&
        isSignedBy(event.by, signerText(envelope.account, event.key), event.sig)
      if (!valid)
        return fail(envelope.seq, "foreign signature", "a signer was added that no earlier signer vouches for")
      signers.push(event.key)
    }
    return true
  }

  const next = (line: string): boolean => {
    if (flaw !== null) return false
    const place = tip.seq + 1
    const found = envelopeOf(line)
    const hash = hashOfLine(line)
    if (gap !== null) {
      const later = Option.getOrNull(found)
      gap = { ...gap, followed: gap.followed ?? later?.prev === gap.odd.hash }
      const back = later !== null && later.seq === place && later.prev === tip.hash
      if (back && gap.odd.seq > place)
        return fail(place, "reordered", `record ${gap.odd.seq} stands before record ${place}`)
      if (back) return fail(place, "inserted", "a record stands here that does not belong to the chain")
      return true
    }
    if (Option.isNone(found) || Option.isNone(hash)) return fail(place, "edited", "the line is not a record")
    const envelope = found.value
    if (hash.value !== envelope.hash) return fail(place, "edited", "the record does not have the hash that it states")
    if (envelope.seq !== place || envelope.prev !== tip.hash) {
      gap = { before, tip, odd: envelope, followed: null }
      return true
    }
    account ??= envelope.account
    if (envelope.account !== account) return fail(place, "foreign account", "the record is of another account")
    if (start.seq === 0 && (place === 1 || line.includes('"SignerAdded"')) && !signerEvent(envelope)) return false
    before = tip
    tip = { seq: envelope.seq, hash: envelope.hash }
    if (anchor !== null && tip.seq === anchor.seq && tip.hash !== anchor.hash) {
      return fail(tip.seq, "anchor", "the log is not the one that the anchor was taken from")
    }
    return true
  }

  const end = (head: Option.Option<Head>, torn: boolean): Verification => {
    if (flaw !== null) return flaw
    if (gap !== null) return gapFlaw(gap, head)
    if (options.anchor !== undefined && anchor === null) {
      return { ok: false, seq: 0, problem: "anchor", detail: "the anchor is not of the form seq:hash" }
    }
    if (anchor !== null && anchor.seq > tip.seq) {
      return {
        ok: false,
        seq: tip.seq + 1,
        problem: "cut",
        detail: `the anchor is of record ${anchor.seq}; the log ends at ${tip.seq}`
      }
    }
    const signed = headFlaw(head, tip, account, signers)
    if (signed !== null) return signed
    if (torn) {
      return {
        ok: false,
        seq: tip.seq + 1,
        problem: "torn",
        detail:
          "the last line is unfinished: a process was killed while writing it, or it was cut; the next write sets it aside"
      }
    }
    return {
      ok: true,
      records: tip.seq,
      anchor: tip.seq === 0 ? null : anchorOf(tip),
      signer: Option.getOrNull(Option.map(head, (it) => it.key))
    }
  }

  return { next, end, sound: () => flaw === null && gap === null, tip: () => tip, signers: () => signers }
}

/** The first record that does not follow on the one before it, and what tells which of the two is the wrong one. */
interface Gap {
  readonly before: Tip
  readonly tip: Tip
  readonly odd: Envelope
  /** Whether the next line follows on the odd record; `null`: there is none. */
  readonly followed: boolean | null
}

/** What leads on to the signed head is genuine: then the record before it is the one that somebody made. */
const gapFlaw = ({ before, followed, odd, tip }: Gap, head: Option.Option<Head>): Flaw => {
  const place = tip.seq + 1
  const genuine = followed ?? Option.exists(head, (it) => it.hash === odd.hash)
  if (genuine && odd.seq === tip.seq && odd.prev === before.hash && odd.hash !== tip.hash) {
    return {
      ok: false,
      seq: tip.seq,
      problem: "inserted",
      detail: "a record stands here that does not belong to the chain"
    }
  }
  if (genuine && odd.seq === place) {
    return {
      ok: false,
      seq: tip.seq,
      problem: "edited",
      detail: "the record after it followed on another one: it was changed, and its hash made anew"
    }
  }
  if (odd.seq === place)
    return { ok: false, seq: place, problem: "edited", detail: "the record does not follow on the one before" }
  return odd.seq > place
    ? { ok: false, seq: place, problem: "missing", detail: `after record ${tip.seq} comes record ${odd.seq}` }
    : {
        ok: false,
        seq: place,
        problem: "inserted",
        detail: "a record stands here that does not follow on the one before"
      }
}

const headFlaw = (
  head: Option.Option<Head>,
  tip: Tip,
  account: string | undefined,
  signers: ReadonlyArray<string>
): Flaw | null => {
  const flaw = (seq: number, problem: Problem, detail: string): Flaw => ({ ok: false, seq, problem, detail })
  if (Option.isNone(head))
    return tip.seq === 0 ? null : flaw(1, "unsigned", "there is no signed head, or it cannot be read")
  const { value } = head
  if (!isHeadSigned(value)) return flaw(value.seq, "foreign signature", "the signature of the head is wrong")
  if (account !== undefined && value.account !== account)
    return flaw(value.seq, "foreign account", "the head is of another account")
  if (tip.seq > 0 && !signers.includes(value.key))
    return flaw(value.seq, "foreign signature", "the head is signed by a key that is no signer of this log")
  if (value.seq > tip.seq)
    return flaw(tip.seq + 1, "cut", `the head is of record ${value.seq}; the log ends at ${tip.seq}`)
  if (value.seq < tip.seq) {
    return flaw(
      value.seq + 1,
      "unsigned",
      "the records from here on are not signed: a process was killed before it could, or somebody added them"
    )
  }
  return value.hash === tip.hash ? null : flaw(value.seq, "edited", "the last record is not the one that was signed")
}

export const parseAnchor = (text: string | undefined): Tip | null => {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text ?? "")
  return match === null ? null : { seq: Number(match[1]), hash: match[2] ?? "" }
}

const hasText = <K extends string>(value: unknown, key: K): value is { readonly [_ in K]: string } =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(value).some(([name, text]) => name === key && typeof text === "string")
