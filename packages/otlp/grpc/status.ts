// gRPC status codes, the error that carries one, and the header forms of message, details and timeout.
import { decodeStatus, encodeStatus } from '../encode/response.ts';

export const GrpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** A call that ended with another status than OK. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: number;
  /** From the RetryInfo detail: the server wants the same call again, after this time. */
  readonly retryAfterMs: number | undefined;

  constructor(code: number, message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The trailers that end a call. */
export function statusTrailers(error: GrpcError | undefined): Record<string, string> {
  if (error === undefined) return { 'grpc-status': '0' };
  const trailers: Record<string, string> = {
    'grpc-status': String(error.code),
    'grpc-message': percentEncode(error.message),
  };
  if (error.retryAfterMs !== undefined) {
    const { code, message, retryAfterMs } = error;
    trailers['grpc-status-details-bin'] = encodeStatus({ code, message, retryAfterMs })
      .toString('base64')
      .replace(/=+$/, '');
  }
  return trailers;
}

/** The error in a call's trailers, or undefined when they say OK. */
export function errorOfTrailers(trailers: { readonly [name: string]: unknown }): GrpcError | undefined {
  const code = Number(trailers['grpc-status'] ?? Number.NaN);
  if (code === GrpcCode.ok) return undefined;
  if (Number.isNaN(code)) return new GrpcError(GrpcCode.unknown, 'the server closed the stream without a status');
  const { 'grpc-status-details-bin': details, 'grpc-message': message } = trailers;
  const retryAfterMs = typeof details === 'string' ? retryDelay(details) : undefined;
  return new GrpcError(code, percentDecode(typeof message === 'string' ? message : ''), { retryAfterMs });
}

/** Milliseconds of a grpc-timeout header (`100m`, `5S`); undefined when it is absent, an error when it is malformed. */
export function parseTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  if (match === null) throw new GrpcError(GrpcCode.internal, `malformed grpc-timeout: ${header}`);
  const unitMs = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }[match[2] as 'S'];
  return Number(match[1]) * unitMs;
}

/** As the protocol wants it: printable ASCII stays, everything else and '%' is escaped byte by byte. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Reverses `percentEncode`; what is not an escape stays as it is. */
export function percentDecode(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const escaped = text[i] === '%' && /^[0-9a-f]{2}$/i.test(text.slice(i + 1, i + 3));
    bytes.push(escaped ? Number.parseInt(text.slice(i + 1, i + 3), 16) : text.charCodeAt(i) & 0xff);
    if (escaped) i += 2;
  }
  return Buffer.from(bytes).toString('utf8');
}

function retryDelay(details: string): number | undefined {
  try {
    return decodeStatus(Buffer.from(details, 'base64')).retryAfterMs;
  } catch {
    return undefined; // details are advice: those of other servers may have any form
  }
}
