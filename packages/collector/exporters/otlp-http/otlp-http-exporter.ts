// The otlp_http exporter (formerly otlphttp): sends batches over HTTP, or hands them over within the process.
import {
  type Compression,
  compressionOf,
  decodeResponse,
  decodeResponseJson,
  decodeStatus,
  deflate,
  PermanentError,
  RetryableError,
  type Signal,
  type SignalBatch,
} from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ComponentSettings, ExporterFactory, Step } from '../../component.ts';
import { type ReadContext, text } from '../../config/read-context.ts';
import { readHeaders } from '../otlp-grpc/otlp-grpc-exporter.ts';
import { readSending, type SendingConfig } from '../sending/config.ts';
import { encodeBatch } from '../sending/encode-batch.ts';
import { inProcessConsumer } from '../sending/in-process.ts';
import { Sender } from '../sending/sender.ts';
import { type ClientTls, readClientTls } from '../sending/tls.ts';
import { postBody } from './post.ts';

export interface OtlpHttpConfig {
  /** By signal; undefined where no endpoint is configured. */
  readonly urls: { readonly [S in Signal]: string | undefined };
  readonly tls: ClientTls;
  readonly encoding: 'proto' | 'json';
  readonly compression: Compression;
  readonly headers: Readonly<Record<string, string>>;
  readonly sending: SendingConfig;
}

export const otlpHttpExporter: ExporterFactory<OtlpHttpConfig> = {
  kind: 'exporter',
  types: ['otlp_http', 'otlphttp'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig,
  create: (signal, config, settings) => createStep(signal, config, settings),
};

function readConfig(node: ConfigNode, context: ReadContext): OtlpHttpConfig {
  const fields = node.fields({
    endpoint: 'used',
    traces_endpoint: 'used',
    metrics_endpoint: 'used',
    logs_endpoint: 'used',
    profiles_endpoint: 'unused',
    encoding: 'used',
    tls: 'used',
    compression: 'used',
    compression_params: 'unused',
    headers: 'used',
    timeout: 'used',
    sending_queue: 'used',
    retry_on_failure: 'used',
    auth: 'used',
    proxy_url: 'used',
    cookies: 'unused',
    middlewares: 'used',
    read_buffer_size: 'unused',
    write_buffer_size: 'unused',
    max_idle_conns: 'unused',
    max_idle_conns_per_host: 'unused',
    max_conns_per_host: 'unused',
    idle_conn_timeout: 'unused',
    disable_keep_alives: 'unused',
    http2_read_idle_timeout: 'unused',
    http2_ping_timeout: 'unused',
    force_attempt_http2: 'unused',
    batcher: 'unused',
  });
  for (const key of ['auth', 'proxy_url', 'middlewares'] as const) {
    const found = fields[key];
    if (found !== undefined && !found.isNull && found.raw() !== '') {
      context.refuse(found, `${key} is not supported by the embedded collector`);
    }
  }
  const base = url(fields.endpoint);
  const own = {
    traces: url(fields.traces_endpoint),
    metrics: url(fields.metrics_endpoint),
    logs: url(fields.logs_endpoint),
  };
  if (base === undefined && Object.values(own).every((each) => each === undefined)) {
    (fields.endpoint ?? node).error('at least one endpoint must be specified');
  }
  const under = (signal: Signal) =>
    own[signal] ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/${signal}`);
  return {
    urls: { traces: under('traces'), metrics: under('metrics'), logs: under('logs') },
    tls: readClientTls(fields.tls, context),
    encoding: fields.encoding?.oneOf(['proto', 'json'] as const) ?? 'proto',
    compression: readCompression(fields.compression, context),
    headers: fields.headers === undefined ? {} : readHeaders(fields.headers),
    sending: readSending(fields, 30_000, context),
  };
}

function url(node: ConfigNode | undefined): string | undefined {
  const value = text(node, '');
  if (value === '') return undefined;
  const parsed = URL.parse(value);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    node!.error(`endpoint must be a valid URL with http or https, is ${JSON.stringify(value)}`);
    return undefined;
  }
  return value;
}

function readCompression(node: ConfigNode | undefined, context: ReadContext): Compression {
  const name = text(node, 'gzip');
  const compression = compressionOf(name);
  if (compression !== undefined) return compression;
  if (['snappy', 'x-snappy-framed', 'lz4'].includes(name)) {
    context.refuse(node!, `compression ${name} is not supported by the embedded collector`);
  } else node!.error(`unsupported compression type "${name}"`);
  return 'gzip';
}

function createStep<S extends Signal>(signal: S, config: OtlpHttpConfig, settings: ComponentSettings): Step<S> {
  const target = config.urls[signal];
  const authority = target === undefined ? '' : authorityOf(target);
  return new Sender({
    signal,
    config: config.sending,
    settings,
    inProcess: () => inProcessConsumer(settings.network, authority, signal),
    close: async () => {},
    send: async (batch, timeoutMs) => {
      if (target === undefined) throw new PermanentError(`no endpoint is configured for ${signal}`);
      await post(signal, batch, settings.network.resolveUrl(target), config, timeoutMs);
    },
  });
}

function authorityOf(target: string): string {
  const { hostname, port, protocol } = new URL(target);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

async function post<S extends Signal>(
  signal: S,
  batch: SignalBatch[S],
  target: string,
  config: OtlpHttpConfig,
  timeoutMs: number,
): Promise<void> {
  const { encoding, compression } = config;
  const body = await deflate(encodeBatch(batch, encoding), compression);
  const headers = {
    'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    ...(compression === 'identity' ? {} : { 'content-encoding': compression }),
    ...config.headers,
  };
  const answer = await postBody(target, headers, body, { timeoutMs, tls: config.tls });
  const isJson = answer.contentType.startsWith('application/json');
  if (answer.status >= 200 && answer.status < 300) {
    if (!isJson && !answer.contentType.startsWith('application/x-protobuf')) return;
    const partial = isJson ? decodeResponseJson(signal, answer.body.toString()) : decodeResponse(answer.body);
    if (partial !== undefined && partial.rejected > 0) {
      throw new PermanentError(partial.message, { rejected: partial.rejected });
    }
    return;
  }
  throw statusError(target, answer, isJson);
}

/** Retried are 429, 502, 503 and 504, after the time that Retry-After names. */
function statusError(
  target: string,
  answer: {
    readonly status: number;
    readonly retryAfterMs: number | undefined;
    readonly body: Buffer;
    readonly contentType: string;
  },
  isJson: boolean,
): Error {
  const { status, retryAfterMs } = answer;
  const reason = reasonOf(answer.body, answer.contentType, isJson);
  const message = `error exporting items, request to ${target} responded with HTTP Status Code ${status}${reason}`;
  if (![429, 502, 503, 504].includes(status)) return new PermanentError(message);
  return new RetryableError(message, {
    exhausted: status === 429,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function statusMessage(status: { readonly message?: unknown } | null): string {
  return typeof status?.message === 'string' ? status.message : '';
}

function reasonOf(body: Buffer, contentType: string, isJson: boolean): string {
  try {
    if (isJson) return `, Message=${statusMessage(JSON.parse(body.toString()))}`;
    if (contentType.startsWith('application/x-protobuf')) return `, Message=${decodeStatus(body).message}`;
  } catch {
    // An error page of another kind: its status says enough.
  }
  return '';
}
