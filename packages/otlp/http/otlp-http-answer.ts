// The server's side of OTLP/HTTP, apart from sockets and routes: a request's body in, status, headers and body out.
import { type Compression, CorruptError, compressionOf, inflate, TooLargeError } from '../compression.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { decodeLogsJson, decodeMetricsJson, decodeSpansJson } from '../decode/json-decoder.ts';
import { decodeLogs } from '../decode/log-decoder.ts';
import { decodeMetrics } from '../decode/metric-decoder.ts';
import { decodeSpans } from '../decode/span-decoder.ts';
import {
  encodeResponse,
  encodeResponseJson,
  encodeStatus,
  encodeStatusJson,
  type RpcStatus,
  type Signal,
} from '../encode/response.ts';
import { GrpcCode } from '../grpc/status.ts';
import type { LogBatch } from '../model/logs.ts';
import type { MetricBatch } from '../model/metrics.ts';
import type { SpanBatch } from '../model/spans.ts';
import { errorStatus, exportOutcome } from '../outcome.ts';

/** The batch of each signal. */
export interface SignalBatch {
  readonly traces: SpanBatch;
  readonly metrics: MetricBatch;
  readonly logs: LogBatch;
}

export interface OtlpHttpRequest<S extends Signal> {
  readonly signal: S;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** As received, still compressed. */
  readonly body: Buffer;
  /** Bytes allowed after inflation; the Collector's default is `httpBodyBytesDefault`. */
  readonly bodyBytesMax?: number;
}

export interface OtlpHttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer | string;
}

/** The Collector's default for `max_request_body_size`. */
export const httpBodyBytesDefault = 20 * 1024 * 1024;

const protobufType = 'application/x-protobuf';
const jsonType = 'application/json';

/** The Collector's two text answers, word for word: clients and probes show them. */
export const methodNotAllowed = '405 method not allowed, supported: [POST]';
const unsupportedMediaType = `415 unsupported media type, supported: [${jsonType}, ${protobufType}]`;

/**
 * Decodes the request, hands the batch to `consume` and answers by its fate, in the content type of the request. Never
 * rejects. Throttled senders are told in Retry-After how many seconds to wait.
 */
export async function answerOtlpHttp<S extends Signal>(
  request: OtlpHttpRequest<S>,
  consume: (batch: SignalBatch[S]) => Promise<void>,
): Promise<OtlpHttpAnswer> {
  const mediaType = (request.contentType ?? '').split(';')[0]!.trim().toLowerCase();
  if (mediaType !== protobufType && mediaType !== jsonType) {
    return { status: 415, headers: { 'content-type': 'text/plain' }, body: unsupportedMediaType };
  }
  const isJson = mediaType === jsonType;
  try {
    const body = await inflateBody(request);
    const batch = isJson ? decodeJson(request.signal, body) : decodeProtobuf(request.signal, body);
    const outcome = await exportOutcome(batch.count, () => consume(batch));
    if (!outcome.ok) return statusAnswer(httpStatus(outcome.status.code), outcome.status, isJson);
    return {
      status: 200,
      headers: { 'content-type': mediaType },
      body: isJson ? encodeResponseJson(request.signal, outcome.partial) : encodeResponse(outcome.partial),
    };
  } catch (error) {
    const status = errorStatus(error);
    if (error instanceof TooLargeError) {
      return statusAnswer(
        413,
        { code: GrpcCode.invalidArgument, message: `request body too large: ${error.message}` },
        isJson,
      );
    }
    if (error instanceof CorruptError || error instanceof DecodeError) {
      return statusAnswer(400, { code: GrpcCode.invalidArgument, message: status.message }, isJson);
    }
    return statusAnswer(500, { code: GrpcCode.internal, message: status.message }, isJson);
  }
}

/** The HTTP status for a gRPC code, as the Collector maps it. */
export function httpStatus(code: number): number {
  const statuses: { readonly [code: number]: number } = {
    [GrpcCode.cancelled]: 499,
    [GrpcCode.invalidArgument]: 400,
    [GrpcCode.deadlineExceeded]: 504,
    [GrpcCode.notFound]: 404,
    [GrpcCode.permissionDenied]: 403,
    [GrpcCode.unauthenticated]: 401,
    [GrpcCode.resourceExhausted]: 429,
    [GrpcCode.unimplemented]: 404,
    [GrpcCode.unavailable]: 503,
  };
  return statuses[code] ?? 500;
}

/** A failure as OTLP/HTTP has it: a google.rpc.Status in the content type of the request. */
export function statusAnswer(status: number, rpc: RpcStatus, isJson: boolean): OtlpHttpAnswer {
  const retryAfter =
    rpc.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(rpc.retryAfterMs / 1000))) };
  return {
    status,
    headers: { 'content-type': isJson ? jsonType : protobufType, ...retryAfter },
    body: isJson ? encodeStatusJson(rpc) : encodeStatus(rpc),
  };
}

function inflateBody<S extends Signal>(request: OtlpHttpRequest<S>): Promise<Buffer> {
  const compression: Compression | undefined = compressionOf(request.contentEncoding);
  if (compression === undefined) throw new CorruptError(`unsupported Content-Encoding: ${request.contentEncoding}`);
  return inflate(request.body, compression, request.bodyBytesMax ?? httpBodyBytesDefault);
}

/** Decodes a request in protobuf; throws `DecodeError`. */
export function decodeProtobuf<S extends Signal>(signal: S, body: Buffer): SignalBatch[S] {
  const decode = { traces: decodeSpans, metrics: decodeMetrics, logs: decodeLogs };
  return decode[signal](body) as SignalBatch[S];
}

/** Decodes a request in JSON; throws `DecodeError`. */
export function decodeJson<S extends Signal>(signal: S, body: Buffer): SignalBatch[S] {
  const decode = { traces: decodeSpansJson, metrics: decodeMetricsJson, logs: decodeLogsJson };
  return decode[signal](utf8Text(body)) as SignalBatch[S];
}

function utf8Text(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new DecodeError('malformed JSON: the body is not valid UTF-8');
  }
}
