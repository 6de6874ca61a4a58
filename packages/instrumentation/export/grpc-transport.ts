/**
 * OTLP over gRPC as unary calls on node:http2: a frame of five bytes, some headers and two trailers are all that OTLP
 * needs of gRPC. @grpc/grpc-js takes 45 to 70 ms to load; node:http2, which takes 20, is loaded at the first export,
 * when the application has long been ready (docs/adr/0060).
 */
import { readFileSync } from 'node:fs';
import type * as http2 from 'node:http2';
import type { OtlpTarget, SignalName } from '../environment.ts';
import { retryDelayMsOf } from './grpc-retry-info.ts';
import { RESPONSE_BYTES_MAX, type ReadRejected, type SendResult, type Transport, USER_AGENT } from './transport.ts';

const METHODS: Readonly<Record<SignalName, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS (OTLP, "OTLP/gRPC Response"). */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);
const RESOURCE_EXHAUSTED = 8;
/** HTTP/2's error code for a stream that is no longer wanted (RFC 9113, section 7). */
const NGHTTP2_CANCEL = 8;
const FRAME_PREFIX_BYTES = 5;

export function createGrpcTransport(target: OtlpTarget, signal: SignalName, readRejected: ReadRejected): Transport {
  const { origin } = new URL(target.url);
  const headers: http2.OutgoingHttpHeaders = {
    ':method': 'POST',
    ':path': METHODS[signal],
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${Math.ceil(target.timeoutMs)}m`,
    'user-agent': USER_AGENT,
  };
  for (const [name, value] of Object.entries(target.headers)) headers[name.toLowerCase()] = value;
  const connection = new GrpcConnection(origin, target);
  return {
    description: `${origin} (grpc)`,
    async send(body, gzipped) {
      try {
        const sent = gzipped ? { ...headers, 'grpc-encoding': 'gzip' } : headers;
        return resultOf(await connection.call(sent, body, gzipped), readRejected);
      } catch (error) {
        return { status: 'retry', afterMs: undefined, message: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => connection.close(),
  };
}

interface GrpcReply {
  /** Absent when no response came: the connection failed. */
  readonly status: number | undefined;
  readonly message: string;
  readonly body: Uint8Array;
  readonly details: string | undefined;
}

function resultOf(reply: GrpcReply, readRejected: ReadRejected): SendResult {
  const { status, message } = reply;
  if (status === 0) return { status: 'success', ...readRejected(reply.body.subarray(FRAME_PREFIX_BYTES)) };
  if (status === undefined) return { status: 'retry', afterMs: undefined, message };
  const afterMs = retryDelayMsOf(reply.details);
  if (RETRYABLE.has(status) || (status === RESOURCE_EXHAUSTED && afterMs !== undefined)) {
    return { status: 'retry', afterMs, message: `gRPC status ${status}: ${message}` };
  }
  return { status: 'failure', errorType: String(status), message: `gRPC status ${status}: ${message}` };
}

/** One HTTP/2 session to the collector, opened at the first call and again after it was lost. */
class GrpcConnection {
  readonly #origin: string;
  readonly #target: OtlpTarget;
  #session: http2.ClientHttp2Session | undefined;
  #calls = 0;

  constructor(origin: string, target: OtlpTarget) {
    this.#origin = origin;
    this.#target = target;
  }

  call(headers: http2.OutgoingHttpHeaders, body: Uint8Array, gzipped: boolean): Promise<GrpcReply> {
    const session = this.#open();
    // An idle connection must not keep the application alive, a call in flight must.
    this.#calls += 1;
    session.ref();
    return unaryCall(session, headers, body, gzipped, this.#target.timeoutMs).finally(() => {
      this.#calls -= 1;
      if (this.#calls === 0 && !session.destroyed) session.unref();
    });
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #open(): http2.ClientHttp2Session {
    const current = this.#session;
    if (current !== undefined && !current.destroyed && !current.closed) return current;
    const session = process.getBuiltinModule('node:http2').connect(this.#origin, {
      ...(this.#target.certificate && { ca: readFileSync(this.#target.certificate) }),
      ...(this.#target.clientKey && { key: readFileSync(this.#target.clientKey) }),
      ...(this.#target.clientCertificate && { cert: readFileSync(this.#target.clientCertificate) }),
    });
    const forget = () => {
      if (this.#session === session) this.#session = undefined;
    };
    // The calls report the failure; without a listener the process would die of it.
    session.on('error', forget);
    session.on('goaway', forget);
    session.on('close', forget);
    this.#session = session;
    return session;
  }
}

function unaryCall(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Uint8Array,
  gzipped: boolean,
  timeoutMs: number,
): Promise<GrpcReply> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let ending: http2.IncomingHttpHeaders = {};
    let failure = 'the stream ended without a status';
    const stream = session.request(headers);
    const deadline = setTimeout(() => {
      failure = `no answer within ${timeoutMs} ms`;
      stream.close(NGHTTP2_CANCEL);
    }, timeoutMs);
    stream.on('response', (response) => {
      ending = response;
      const status = Number(response[':status']);
      if (status !== 200) failure = `HTTP status ${status} where gRPC was expected`;
    });
    stream.on('trailers', (trailers) => {
      ending = trailers;
    });
    stream.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= RESPONSE_BYTES_MAX) chunks.push(chunk);
    });
    stream.on('error', (error) => {
      failure = error.message;
    });
    stream.on('close', () => {
      clearTimeout(deadline);
      resolve(replyOf(ending, failure, Buffer.concat(chunks)));
    });
    const prefix = Buffer.alloc(FRAME_PREFIX_BYTES);
    prefix[0] = gzipped ? 1 : 0;
    prefix.writeUInt32BE(body.length, 1);
    stream.write(prefix);
    stream.end(body);
  });
}

function replyOf(ending: http2.IncomingHttpHeaders, failure: string, body: Uint8Array): GrpcReply {
  const status = ending['grpc-status'];
  if (status === undefined) return { status: undefined, message: failure, body, details: undefined };
  const message = ending['grpc-message'];
  const details = ending['grpc-status-details-bin'];
  return {
    status: Number(status),
    message: typeof message === 'string' ? message : '',
    body,
    details: typeof details === 'string' ? details : undefined,
  };
}
