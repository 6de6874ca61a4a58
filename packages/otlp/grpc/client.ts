// A gRPC client for unary calls over one HTTP/2 connection, opened when needed and again when it is lost.
import http2 from 'node:http2';
import type { Compression } from '../compression.ts';
import { compressionOf } from '../compression.ts';
import { frame, MessageCollector } from './message.ts';
import { errorOfTrailers, GrpcCode, GrpcError } from './status.ts';

export interface GrpcClientOptions {
  /** `http://host:port` for cleartext, `https://host:port` for TLS. */
  readonly url: string;
  /** For TLS: certificate authorities, and whether the server's certificate must be valid. */
  readonly ca?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly messageBytesMax?: number;
  /** How long opening the connection may take. */
  readonly connectTimeoutMs?: number;
}

export interface GrpcCallOptions {
  /** The call fails with DEADLINE_EXCEEDED after this time. */
  readonly timeoutMs: number;
  readonly compression?: Compression;
  readonly headers?: { readonly [name: string]: string };
}

const messageBytesDefault = 4 * 1024 * 1024;
const connectTimeoutDefaultMs = 20_000;

export class GrpcClient {
  private readonly options: GrpcClientOptions;
  private session: http2.ClientHttp2Session | undefined;
  private closed = false;
  /** Calls under way, by connection. */
  private readonly running = new WeakMap<http2.ClientHttp2Session, number>();

  constructor(options: GrpcClientOptions) {
    this.options = options;
  }

  /** Calls `path` (`/package.Service/Method`); rejects with `GrpcError` for any other status than OK. */
  async call(path: string, message: Buffer, options: GrpcCallOptions): Promise<Buffer> {
    const compression = options.compression ?? 'identity';
    const body = await frame(message, compression);
    const session = this.connect();
    const answered = new Promise<Buffer>((resolve, reject) => {
      const call = new ClientCall(session, this.options.messageBytesMax ?? messageBytesDefault, resolve, reject);
      call.start(body, {
        ':method': 'POST',
        ':path': path,
        te: 'trailers',
        'content-type': 'application/grpc',
        'grpc-accept-encoding': 'identity,gzip',
        'grpc-timeout': `${Math.max(1, Math.min(99_999_999, Math.round(options.timeoutMs)))}m`,
        ...(compression === 'identity' ? {} : { 'grpc-encoding': compression }),
        ...options.headers,
      });
      call.expireAfter(options.timeoutMs);
    });
    return this.holding(session, answered);
  }

  /** Lets running calls finish and closes the connection. */
  async close(): Promise<void> {
    this.closed = true;
    const { session } = this;
    this.session = undefined;
    if (session === undefined || session.destroyed) return;
    if (session.connecting) {
      session.destroy();
      return;
    }
    session.ref();
    await new Promise<void>((resolve) => session.close(resolve));
  }

  /** A connection keeps the process alive while calls are under way, and only then. */
  private async holding<T>(session: http2.ClientHttp2Session, call: Promise<T>): Promise<T> {
    const running = (this.running.get(session) ?? 0) + 1;
    this.running.set(session, running);
    if (running === 1) session.ref();
    try {
      return await call;
    } finally {
      const left = this.running.get(session)! - 1;
      this.running.set(session, left);
      if (left === 0 && !session.destroyed) session.unref();
    }
  }

  private connect(): http2.ClientHttp2Session {
    if (this.closed) throw new GrpcError(GrpcCode.cancelled, 'the client is closed');
    const known = this.session;
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const { ca, rejectUnauthorized } = this.options;
    const session = http2.connect(this.options.url, {
      ...(ca === undefined ? {} : { ca }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    });
    this.session = session;
    const forget = () => {
      if (this.session === session) this.session = undefined;
    };
    session.on('error', forget); // the calls that were under way are told by their own streams
    session.once('goaway', forget);
    session.once('close', forget);
    const slow = setTimeout(
      () => session.destroy(new Error('connecting timed out')),
      this.options.connectTimeoutMs ?? connectTimeoutDefaultMs,
    ).unref();
    session.once('connect', () => clearTimeout(slow));
    session.once('close', () => clearTimeout(slow));
    session.unref();
    return session;
  }
}

class ClientCall {
  private readonly session: http2.ClientHttp2Session;
  private readonly collector: MessageCollector;
  private readonly resolve: (message: Buffer) => void;
  private readonly reject: (error: GrpcError) => void;
  private stream: http2.ClientHttp2Stream | undefined;
  private timer: NodeJS.Timeout | undefined;
  private headers: http2.IncomingHttpHeaders = {};
  private trailers: http2.IncomingHttpHeaders | undefined;
  private failure: unknown;

  constructor(
    session: http2.ClientHttp2Session,
    messageBytesMax: number,
    resolve: (message: Buffer) => void,
    reject: (error: GrpcError) => void,
  ) {
    this.session = session;
    this.collector = new MessageCollector(messageBytesMax);
    this.resolve = resolve;
    this.reject = reject;
  }

  start(body: Buffer, headers: http2.OutgoingHttpHeaders): void {
    const stream = this.session.request(headers);
    this.stream = stream;
    stream.once('response', (received) => (this.headers = received));
    stream.once('trailers', (received) => (this.trailers = received));
    stream.on('data', (chunk: Buffer) => {
      try {
        this.collector.push(chunk);
      } catch (error) {
        this.failure = error;
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }
    });
    stream.once('error', (error) => (this.failure ??= error));
    stream.once('close', () => void this.finish());
    stream.end(body);
  }

  expireAfter(timeoutMs: number): void {
    this.timer = setTimeout(() => {
      this.failure = new GrpcError(GrpcCode.deadlineExceeded, 'context deadline exceeded');
      this.stream?.close(http2.constants.NGHTTP2_CANCEL);
    }, timeoutMs).unref();
  }

  private async finish(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.resolve(await this.result());
    } catch (error) {
      this.reject(error instanceof GrpcError ? error : new GrpcError(GrpcCode.unavailable, reason(error)));
    }
  }

  private async result(): Promise<Buffer> {
    if (this.failure instanceof GrpcError) throw this.failure;
    const { headers } = this;
    const status = headers[':status'] === undefined ? undefined : Number(headers[':status']);
    const trailers = this.trailers ?? headers;
    if (status !== undefined && status !== 200 && trailers['grpc-status'] === undefined) throw httpError(status);
    if (trailers['grpc-status'] === undefined) {
      throw new GrpcError(GrpcCode.unavailable, this.failure === undefined ? 'connection lost' : reason(this.failure));
    }
    const error = errorOfTrailers(trailers);
    if (error !== undefined) throw error;
    return this.collector.message(compressionOf(headers['grpc-encoding'] as string | undefined) ?? 'identity');
  }
}

/** The mapping of gRPC's "HTTP to gRPC Status Code Mapping" for answers of proxies and servers of other kinds. */
function httpError(status: number): GrpcError {
  const codes: { readonly [status: number]: number } = {
    400: GrpcCode.internal,
    401: GrpcCode.unauthenticated,
    403: GrpcCode.permissionDenied,
    404: GrpcCode.unimplemented,
    429: GrpcCode.unavailable,
    502: GrpcCode.unavailable,
    503: GrpcCode.unavailable,
    504: GrpcCode.unavailable,
  };
  return new GrpcError(
    codes[status] ?? GrpcCode.unknown,
    `unexpected HTTP status code received from server: ${status}`,
  );
}

function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message ?? message ?? String(error);
}
