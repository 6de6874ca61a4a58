// What the decoders throw when the bytes are not what they claim to be.

/** Malformed OTLP. The message names the place: byte offset and field for protobuf, path for JSON. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'OTLP_MALFORMED';
}
