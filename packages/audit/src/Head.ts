import type { AccountId } from "@keysweep/core/Account"
import { canonicalJson } from "@keysweep/core/Canonical"
import { createPublicKey, verify as verifySignature } from "node:crypto"
import { Either, Option, Schema } from "effect"
import { type AuditEvent, SignerAdded } from "./Event.ts"
import type { Tip } from "./LogRecord.ts"

/** Who signs heads. The private key never leaves it. */
export interface Signer {
  /** `ed25519:` and the base64 of the 32 bytes of the public key. */
  readonly key: string
  /** Ed25519 over the UTF-8 bytes of a text, in base64. */
  readonly sign: (text: string) => string
}

/** The signed statement "this log of this account ends here". */
export const Head = Schema.Struct({
  v: Schema.Literal(1),
  account: Schema.String,
  seq: Schema.Int,
  hash: Schema.String,
  key: Schema.String,
  sig: Schema.String
})
export type Head = typeof Head.Type

export const signHead = (signer: Signer, account: AccountId, tip: Tip): Head => {
  const head = { v: 1 as const, account, seq: tip.seq, hash: tip.hash, key: signer.key }
  return { ...head, sig: signer.sign(headText(head)) }
}

/** Whether the signature is that of the key which the head names; whether that key may sign is the log's to say. */
export const isHeadSigned = (head: Head): boolean => isSignedBy(head.key, headText(head), head.sig)

export const encodeHead = (head: Head): string => canonicalJson(head)

export const decodeHead = (text: string): Option.Option<Head> => Either.getRight(decode(text))

/** What an existing signer signs to let a further key sign. */
export const signerText = (account: string, key: string): string =>
  `keysweep-log-signer/1\n${canonicalJson({ account, key })}`

/** The event by which a signer lets a further key sign; to be appended by somebody who can sign already. */
export const signerAdded = (by: Signer, account: AccountId, key: string): AuditEvent =>
  SignerAdded.make({ key, by: by.key, sig: by.sign(signerText(account, key)) })

export const isSignedBy = (key: string, text: string, sig: string): boolean =>
  Option.getOrElse(
    Option.liftThrowable(() => {
      const raw = Buffer.from(key.slice("ed25519:".length), "base64")
      if (!key.startsWith("ed25519:") || raw.length !== 32) return false
      const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" })
      return verifySignature(null, Buffer.from(text, "utf8"), publicKey, Buffer.from(sig, "base64"))
    })(),
    () => false
  )

const headText = (head: Omit<Head, "sig">): string =>
  `keysweep-log-head/1\n${canonicalJson({ v: head.v, account: head.account, seq: head.seq, hash: head.hash, key: head.key })}`

const decode = Schema.decodeUnknownEither(Schema.parseJson(Head))

/** What stands before the 32 bytes of an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410). */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")
