import { Headers, type HttpClientError, type HttpClientResponse } from "@effect/platform"
import { Data, Effect, Option, Stream } from "effect"

export class BodyTooLarge extends Data.TaggedError("BodyTooLarge") {}

/**
 * A reply's body as text, or `BodyTooLarge` as soon as more than `limit` bytes are announced or read: never a part of it.
 * Counted here because not every `HttpClient` looks at `HttpIncomingMessage.MaxBodySize`.
 */
export const boundedText = (
  response: HttpClientResponse.HttpClientResponse,
  limit: number
): Effect.Effect<string, BodyTooLarge | HttpClientError.ResponseError> =>
  Effect.gen(function* () {
    const announced = Option.map(Headers.get(response.headers, "content-length"), Number)
    const plain = Option.isNone(Headers.get(response.headers, "content-encoding"))
    // HTTP itself ends a body at its announced length; this way the connection is kept.
    if (plain && Option.exists(announced, (bytes) => bytes <= limit)) return yield* response.text
    const chunks: Array<Uint8Array> = []
    let size = 0
    // An announced excess is known from the headers; the stream is run all the same, because its end frees the socket.
    yield* Stream.runForEach(response.stream, (chunk) => {
      size += chunk.length
      chunks.push(chunk)
      return size > limit || Option.exists(announced, (bytes) => bytes > limit) ? new BodyTooLarge() : Effect.void
    }).pipe(Effect.catchIf(isEmptyBody, () => Effect.void))
    return textOf(chunks, size)
  })

/** A `fetch` has no stream at all for a reply without a body. */
const isEmptyBody = (error: BodyTooLarge | HttpClientError.ResponseError): boolean =>
  error._tag === "ResponseError" && error.reason === "EmptyBody"

const textOf = (chunks: ReadonlyArray<Uint8Array>, size: number): string => {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return new TextDecoder().decode(bytes)
}
