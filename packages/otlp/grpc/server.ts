// A gRPC server for unary calls over cleartext HTTP/2 (node:http2): what OTLP needs and no more.
import http2 from 'node:http2';
import { type Compression, compressionOf } from '../compression.ts';
import { frame, MessageCollector } from './message.ts';
import { GrpcCode, GrpcError, parseTimeout, statusTrailers } from './status.ts';

/** Handles one call; throws `GrpcError` for any other status than OK. */
export type UnaryHandler = (message: Buffer, call: GrpcCall) => Promise<Buffer>;

export interface GrpcCall {
  readonly headers: http2.IncomingHttpHeaders;
  /** Of the client, as `127.0.0.1:40000`. */
  readonly peer: string;
  /** Aborted when the client cancels, its deadline passes or it goes away. */
  readonly signal: AbortSignal;
}

export interface GrpcServerOptions {
  /** By full path: `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, UnaryHandler>;
  /** Default: the 4 MiB of every gRPC implementation. */
  readonly messageBytesMax?: number;
  /** An idle connection is pinged after this time and closed when no answer comes; defaults as in grpc-go. */
  readonly keepaliveMs?: number;
  readonly keepaliveTimeoutMs?: number;
  readonly streamsPerConnectionMax?: number;
  /** Called with what went wrong inside a handler, other than a `GrpcError`. */
  readonly onError?: (error: unknown) => void;
}

export interface GrpcServer {
  /** Opens the port (0: any free one) and gives it. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no further calls, lets running ones finish for `graceMs`, then cuts connections. Calling twice is harmless. */
  close(graceMs?: number): Promise<void>;
}

const messageBytesDefault = 4 * 1024 * 1024;
const keepaliveDefaultMs = 2 * 60 * 60 * 1000;
const keepaliveTimeoutDefaultMs = 20_000;
/** Calls beyond this wait in the client: one exporter rarely has more than ten under way. */
const streamsDefault = 256;
/** Bytes of requests that are being received at the same time, over all connections; more is refused as retryable. */
const receivingBytesMax = 256 * 1024 * 1024;
/** HTTP/2's own 64 KiB would let a message of a megabyte wait for sixteen round trips. */
const windowBytes = 2 * 1024 * 1024;
const closeGraceMs = 5_000;
const refusedDrainMs = 1_000;
const acceptEncoding = 'identity,gzip,deflate,zstd';

export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const server = http2.createServer({
    settings: {
      maxConcurrentStreams: options.streamsPerConnectionMax ?? streamsDefault,
      initialWindowSize: windowBytes,
    },
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  const receiving = { bytes: 0 };
  server.on('session', (session) => {
    sessions.add(session);
    session.once('connect', () => session.setLocalWindowSize(windowBytes));
    if (!session.connecting) session.setLocalWindowSize(windowBytes);
    const stopPings = keepAlive(session, options);
    session.on('error', () => {}); // a client that resets its connection is its own business
    session.once('close', () => {
      stopPings();
      sessions.delete(session);
    });
  });
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {}); // likewise for one call
    new CallHandler(stream, headers, options, receiving).start();
  });
  server.on('sessionError', () => {});
  let closing: Promise<void> | undefined;
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => {
          server.off('error', reject);
          resolve((server.address() as { port: number }).port);
        });
      }),
    close: (graceMs = closeGraceMs) => (closing ??= closeServer(server, sessions, graceMs)),
  };
}

function closeServer(
  server: http2.Http2Server,
  sessions: ReadonlySet<http2.ServerHttp2Session>,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    for (const session of sessions) session.close();
  });
}

/** Pings an idle connection; gives what stops it. */
function keepAlive(session: http2.ServerHttp2Session, options: GrpcServerOptions): () => void {
  let unanswered: NodeJS.Timeout | undefined;
  const pings = setInterval(() => {
    if (session.closed || session.destroyed || unanswered !== undefined) return;
    unanswered = setTimeout(() => session.destroy(), options.keepaliveTimeoutMs ?? keepaliveTimeoutDefaultMs).unref();
    session.ping(() => {
      clearTimeout(unanswered);
      unanswered = undefined;
    });
  }, options.keepaliveMs ?? keepaliveDefaultMs).unref();
  return () => {
    clearInterval(pings);
    clearTimeout(unanswered);
  };
}

/** One call, from its headers to its trailers. */
class CallHandler {
  private readonly stream: http2.ServerHttp2Stream;
  private readonly headers: http2.IncomingHttpHeaders;
  private readonly options: GrpcServerOptions;
  private readonly receiving: { bytes: number };
  private readonly abort = new AbortController();
  private readonly collector: MessageCollector;
  private deadline: NodeJS.Timeout | undefined;
  private answered = false;

  constructor(
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    options: GrpcServerOptions,
    receiving: { bytes: number },
  ) {
    this.stream = stream;
    this.headers = headers;
    this.options = options;
    this.receiving = receiving;
    this.collector = new MessageCollector(options.messageBytesMax ?? messageBytesDefault);
  }

  start(): void {
    const { stream, headers } = this;
    stream.once('close', () => {
      clearTimeout(this.deadline);
      this.receiving.bytes -= this.collector.size;
      this.abort.abort();
    });
    const contentType = headers['content-type'] ?? '';
    if (headers[':method'] !== 'POST' || !/^application\/grpc(\+proto)?(;|$)/.test(contentType)) {
      stream.respond({ ':status': headers[':method'] === 'POST' ? 415 : 405 }, { endStream: true });
      return;
    }
    try {
      const handler = this.handler();
      const compression = this.compression();
      const timeoutMs = parseTimeout(headers['grpc-timeout'] as string | undefined);
      if (timeoutMs !== undefined) this.startDeadline(timeoutMs);
      stream.on('data', (chunk: Buffer) => this.receive(chunk));
      stream.once('end', () => void this.run(handler, compression));
    } catch (error) {
      this.fail(error);
    }
  }

  private handler(): UnaryHandler {
    const path = this.headers[':path'] ?? '';
    const handler = this.options.methods.get(path);
    if (handler !== undefined) return handler;
    const service = path.slice(1, path.lastIndexOf('/'));
    const known = [...this.options.methods.keys()].some((method) => method.startsWith(`/${service}/`));
    const what = known
      ? `method ${path.slice(path.lastIndexOf('/') + 1)} for service ${service}`
      : `service ${service}`;
    throw new GrpcError(GrpcCode.unimplemented, `unknown ${what}`);
  }

  private compression(): Compression {
    const header = this.headers['grpc-encoding'] as string | undefined;
    const compression = compressionOf(header);
    if (compression === undefined) {
      const message = `grpc: Decompressor is not installed for grpc-encoding "${header}"`;
      throw new GrpcError(GrpcCode.unimplemented, message);
    }
    return compression;
  }

  private startDeadline(timeoutMs: number): void {
    const expire = () => this.fail(new GrpcError(GrpcCode.deadlineExceeded, 'context deadline exceeded'));
    this.deadline = setTimeout(expire, timeoutMs).unref();
  }

  private receive(chunk: Buffer): void {
    if (this.answered) return;
    this.receiving.bytes += chunk.length;
    try {
      this.collector.push(chunk);
      if (this.receiving.bytes > receivingBytesMax) {
        throw new GrpcError(GrpcCode.unavailable, 'too many requests are being received at the same time');
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private async run(handler: UnaryHandler, compression: Compression): Promise<void> {
    if (this.answered) return;
    try {
      const message = await this.collector.message(compression);
      const { socket } = this.stream.session ?? {};
      const peer = `${socket?.remoteAddress ?? ''}:${socket?.remotePort ?? 0}`;
      const response = await handler(message, { headers: this.headers, peer, signal: this.abort.signal });
      await this.succeed(response);
    } catch (error) {
      this.fail(error);
    }
  }

  private async succeed(response: Buffer): Promise<void> {
    const body = await frame(response, 'identity');
    if (!this.answer()) return;
    const { stream } = this;
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': acceptEncoding },
      { waitForTrailers: true },
    );
    stream.once('wantTrailers', () => stream.sendTrailers(statusTrailers(undefined)));
    stream.end(body);
  }

  /** Ends the call with a status and no message ("trailers only"). */
  private fail(error: unknown): void {
    if (!(error instanceof GrpcError)) this.options.onError?.(error);
    const status =
      error instanceof GrpcError ? error : new GrpcError(GrpcCode.unknown, (error as Error)?.message ?? String(error));
    if (!this.answer()) return;
    const { stream } = this;
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-accept-encoding': acceptEncoding,
        ...statusTrailers(status),
      },
      { endStream: true },
    );
    // The rest of a request that was refused half-way is thrown away, for as long as a well-behaved client needs to
    // see the answer; closing at once would overtake it.
    stream.resume();
    setTimeout(() => stream.close(http2.constants.NGHTTP2_NO_ERROR), refusedDrainMs).unref();
    this.abort.abort();
  }

  /** True for the one who may answer. */
  private answer(): boolean {
    const first = !this.answered && !this.stream.destroyed && !this.stream.closed;
    this.answered = true;
    return first;
  }
}
