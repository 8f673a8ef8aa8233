import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { join } from "node:path"
import { DateTime, Effect, Layer, Option, Redacted, Ref } from "effect"
import { type AgeHeader, inspectAge } from "./AgeFile.ts"
import { BackupUnavailable } from "./BackupError.ts"
import { Seal, SealBroken } from "./Seal.ts"
import { createFile, type FileTrouble, makeDir, readWhole } from "./store/Files.ts"

/**
 * The identity in `home/identity.txt` (the format of `age-keygen`, mode 0600), made by the first backup if there is none.
 *
 * @param also further recipients (`age1…`) that can open what is sealed
 */
export const layerHome = (home: string, also: ReadonlyArray<string> = []): Layer.Layer<Seal> =>
  Layer.effect(
    Seal,
    Effect.gen(function* () {
      const path = join(home, "identity.txt")
      const made = yield* Ref.make<string | null>(null)
      const existing = Effect.flatMap(readWhole(path), (bytes) =>
        Option.isNone(bytes) ? Effect.succeedNone : Effect.asSome(identityIn(path, bytes.value))
      ).pipe(Effect.catchTag("FileTrouble", unavailable))
      const identity = Effect.flatMap(existing, (it) =>
        Option.isSome(it)
          ? Effect.succeed(it.value)
          : Effect.zipRight(makeIdentity(home, path, made), Effect.flatten(existing))
      ).pipe(Effect.catchTag("NoSuchElementException", () => new BackupUnavailable({ detail: `${path} was removed` })))
      const recipients = Effect.flatMap(identity, (it) =>
        Effect.map(
          vendor("the identity is not an age identity", () => identityToRecipient(Redacted.value(it))),
          (own) => [own, ...also]
        )
      )
      return Seal.of({
        recipients,
        seal: (content) => Effect.flatMap(recipients, (them) => sealFor(them, content)),
        canOpen: Effect.map(existing, Option.isSome),
        open: (sealed) =>
          Effect.flatMap(existing, (it) =>
            Option.isNone(it)
              ? new SealBroken({ reason: "wrong recipient", detail: `there is no identity at ${path}` })
              : open(sealed, (decrypter) => decrypter.addIdentity(Redacted.value(it.value)))
          ),
        inspect,
        made: Ref.get(made)
      })
    })
  )

/** For machines that make backups and must not be able to read them: public recipients (`age1…`) only. */
export const layerRecipients = (recipients: ReadonlyArray<string>): Layer.Layer<Seal> =>
  Layer.succeed(Seal, {
    recipients: Effect.succeed(recipients),
    seal: (content) => sealFor(recipients, content),
    canOpen: Effect.succeed(false),
    open: () => new SealBroken({ reason: "wrong recipient", detail: "there is no identity here, only recipients" }),
    inspect,
    made: Effect.succeed(null)
  })

/** Sealed and opened with a passphrase (scrypt); slow on purpose, about a second. */
export const layerPassphrase = (passphrase: Redacted.Redacted): Layer.Layer<Seal> =>
  Layer.succeed(Seal, {
    recipients: Effect.succeed(["passphrase"]),
    seal: (content) => encrypt(content, (encrypter) => encrypter.setPassphrase(Redacted.value(passphrase))),
    canOpen: Effect.succeed(true),
    open: (sealed) => open(sealed, (decrypter) => decrypter.addPassphrase(Redacted.value(passphrase))),
    inspect,
    made: Effect.succeed(null)
  })

/** Opens with the identity in a file of the user's own, made by `age-keygen`; several lines, several identities. */
export const layerIdentity = (identity: Redacted.Redacted, also: ReadonlyArray<string> = []): Layer.Layer<Seal> => {
  const recipients = Effect.map(
    vendor("the identity is not an age identity", () => identityToRecipient(Redacted.value(identity))),
    (own) => [own, ...also]
  )
  return Layer.succeed(Seal, {
    recipients,
    seal: (content) => Effect.flatMap(recipients, (them) => sealFor(them, content)),
    canOpen: Effect.succeed(true),
    open: (sealed) => open(sealed, (decrypter) => decrypter.addIdentity(Redacted.value(identity))),
    inspect,
    made: Effect.succeed(null)
  })
}

const inspect = (sealed: Uint8Array): Effect.Effect<{ readonly recipients: number }, SealBroken> =>
  Effect.map(inspectAge(sealed), (it) => ({ recipients: it.stanzas.length }))

const makeIdentity = (home: string, path: string, made: Ref.Ref<string | null>) =>
  Effect.gen(function* () {
    const identity = yield* vendor("an identity cannot be made", generateX25519Identity)
    const recipient = yield* vendor("an identity cannot be made", () => identityToRecipient(identity))
    const created = DateTime.formatIso(yield* DateTime.now)
    yield* makeDir(home)
    yield* createFile(path, Buffer.from(`# created: ${created}\n# public key: ${recipient}\n${identity}\n`))
    yield* Ref.set(made, path)
  }).pipe(
    // Somebody else made it in the meantime: theirs is the one.
    Effect.catchTag("FileTrouble", (error) => (error.code === "EEXIST" ? Effect.void : unavailable(error)))
  )

const identityIn = (path: string, bytes: Uint8Array): Effect.Effect<Redacted.Redacted, BackupUnavailable> => {
  const line = Buffer.from(bytes)
    .toString("utf8")
    .split(/\r?\n/)
    .find((it) => it.startsWith("AGE-SECRET-KEY-"))
  return line === undefined
    ? new BackupUnavailable({
        detail: `${path} holds no age identity; put it back, or move it away to have a new one made`
      })
    : Effect.succeed(Redacted.make(line.trim()))
}

const sealFor = (
  recipients: ReadonlyArray<string>,
  content: Uint8Array
): Effect.Effect<Uint8Array, BackupUnavailable> =>
  recipients.length === 0
    ? new BackupUnavailable({ detail: "no recipient is named" })
    : encrypt(content, (encrypter) => recipients.forEach((it) => encrypter.addRecipient(it)))

const encrypt = (content: Uint8Array, by: (encrypter: Encrypter) => void) =>
  vendor("it cannot be encrypted; check the recipients (age1…)", async () => {
    const encrypter = new Encrypter()
    by(encrypter)
    return encrypter.encrypt(content)
  })

/** The vendor tells its failures apart by text only, so what can be told from the outside is asked first. */
const open = (sealed: Uint8Array, by: (decrypter: Decrypter) => void): Effect.Effect<Uint8Array, SealBroken> =>
  Effect.flatMap(inspectAge(sealed), (header) =>
    Effect.tryPromise({
      try: async () => {
        const decrypter = new Decrypter()
        by(decrypter)
        return decrypter.decrypt(sealed)
      },
      catch: (cause) => whyNot(cause, header)
    })
  )

const whyNot = (cause: unknown, header: AgeHeader): SealBroken => {
  const text = cause instanceof Error ? cause.message : ""
  if (text.includes("no identity matched")) {
    return header.stanzas.includes("scrypt")
      ? new SealBroken({
          reason: "wrong passphrase",
          detail: "it is sealed with another passphrase, or with one at all"
        })
      : new SealBroken({ reason: "wrong recipient", detail: "it is sealed for others, not for this identity" })
  }
  return new SealBroken({ reason: "altered", detail: "it does not decrypt: its content is not what was sealed" })
}

const vendor = <A>(detail: string, run: () => Promise<A>): Effect.Effect<A, BackupUnavailable> =>
  Effect.tryPromise({ try: run, catch: () => new BackupUnavailable({ detail }) })

const unavailable = (error: FileTrouble) => new BackupUnavailable({ detail: error.detail })
