// The otlp_grpc exporter (formerly otlp): sends batches over gRPC, or hands them over within the process.
import {
  type Compression,
  compressionOf,
  decodeResponse,
  exportPath,
  GrpcClient,
  GrpcCode,
  GrpcError,
  PermanentError,
  RetryableError,
  type Signal,
} from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ComponentSettings, ExporterFactory, Step } from '../../component.ts';
import { type ReadContext, splitEndpoint, text } from '../../config/read-context.ts';
import { readSending, type SendingConfig } from '../sending/config.ts';
import { encodeBatch } from '../sending/encode-batch.ts';
import { inProcessConsumer } from '../sending/in-process.ts';
import { Sender } from '../sending/sender.ts';
import { type ClientTls, readClientTls } from '../sending/tls.ts';

export interface OtlpGrpcConfig {
  /** `host:port`. */
  readonly authority: string;
  readonly tls: ClientTls;
  readonly compression: Compression;
  readonly headers: Readonly<Record<string, string>>;
  readonly sending: SendingConfig;
}

export const otlpGrpcExporter: ExporterFactory<OtlpGrpcConfig> = {
  kind: 'exporter',
  types: ['otlp_grpc', 'otlp'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig,
  create: (signal, config, settings) => createStep(signal, config, settings),
};

function readConfig(node: ConfigNode, context: ReadContext): OtlpGrpcConfig {
  const fields = node.fields({
    endpoint: 'used',
    tls: 'used',
    compression: 'used',
    headers: 'used',
    timeout: 'used',
    sending_queue: 'used',
    retry_on_failure: 'used',
    auth: 'used',
    middlewares: 'used',
    keepalive: 'unused',
    read_buffer_size: 'unused',
    write_buffer_size: 'unused',
    wait_for_ready: 'unused',
    balancer_name: 'unused',
    authority: 'unused',
    batcher: 'unused',
    user_agent: 'unused',
  });
  for (const key of ['auth', 'middlewares'] as const) {
    const found = fields[key];
    if (found !== undefined && !found.isNull)
      context.refuse(found, `${key} is not supported by the embedded collector`);
  }
  const endpoint = text(fields.endpoint, '');
  const { secure, authority } = splitScheme(endpoint);
  if (endpoint === '') (fields.endpoint ?? node).error('requires a non-empty "endpoint"');
  else if (splitEndpoint(authority) === undefined) fields.endpoint!.error(`invalid port in "${endpoint}"`);
  const tls = readClientTls(fields.tls, context);
  return {
    authority,
    tls: secure === undefined ? tls : { ...tls, insecure: !secure },
    compression: readCompression(fields.compression),
    headers: fields.headers === undefined ? {} : readHeaders(fields.headers),
    sending: readSending(fields, 5_000, context),
  };
}

/** The endpoint may carry a scheme, which then decides about TLS. */
function splitScheme(endpoint: string): { readonly secure: boolean | undefined; readonly authority: string } {
  const match = /^(https?|dns|passthrough):\/\/\/?(.*?)\/?$/.exec(endpoint);
  if (match === null) return { secure: undefined, authority: endpoint };
  const secure = match[1] === 'https' ? true : match[1] === 'http' ? false : undefined;
  return { secure, authority: match[2]! };
}

function readCompression(node: ConfigNode | undefined): Compression {
  const name = text(node, 'gzip');
  const compression = compressionOf(name);
  if (compression === undefined) node!.error(`unsupported compression type "${name}" (gzip, zstd, none)`);
  return compression ?? 'gzip';
}

/** Headers as a mapping, or as a list of `name` and `value`. */
export function readHeaders(node: ConfigNode): Readonly<Record<string, string>> {
  if (node.kind !== 'list') return lowerCased(Object.entries(node.stringMap()));
  return lowerCased(
    node.list().map((item) => {
      const { name, value } = item.fields({ name: 'used', value: 'used' });
      return [name?.string() ?? '', value?.string() ?? ''];
    }),
  );
}

function lowerCased(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function createStep<S extends Signal>(signal: S, config: OtlpGrpcConfig, settings: ComponentSettings): Step<S> {
  let client: GrpcClient | undefined;
  const connect = () => {
    const { insecure, ca, rejectUnauthorized } = config.tls;
    const url = `${insecure ? 'http' : 'https'}://${settings.network.resolve(config.authority)}`;
    return new GrpcClient({ url, ...(ca === undefined ? {} : { ca }), rejectUnauthorized });
  };
  return new Sender({
    signal,
    config: config.sending,
    settings,
    inProcess: () => inProcessConsumer(settings.network, config.authority, signal),
    close: async () => client?.close(),
    send: async (batch, timeoutMs) => {
      client ??= connect();
      const { compression, headers } = config;
      try {
        const options = { timeoutMs: timeoutMs || noTimeoutMs, compression, headers };
        const answer = await client.call(exportPath[signal], encodeBatch(batch, 'proto'), options);
        const partial = decodeResponse(answer);
        if (partial !== undefined && partial.rejected > 0) {
          throw new PermanentError(partial.message, { rejected: partial.rejected });
        }
      } catch (error) {
        throw error instanceof GrpcError ? consumerError(error) : error;
      }
    },
  });
}

/** `timeout: 0` means none; an hour is as good. */
const noTimeoutMs = 3_600_000;

const retryable: ReadonlySet<number> = new Set([
  GrpcCode.cancelled,
  GrpcCode.deadlineExceeded,
  GrpcCode.aborted,
  GrpcCode.outOfRange,
  GrpcCode.unavailable,
  GrpcCode.dataLoss,
]);

/** Which codes may be tried again says the OTLP specification; RESOURCE_EXHAUSTED only with a delay. */
function consumerError(error: GrpcError): Error {
  const { retryAfterMs } = error;
  const exhausted = error.code === GrpcCode.resourceExhausted;
  if (!retryable.has(error.code) && !(exhausted && retryAfterMs !== undefined)) {
    return new PermanentError(`rpc error: code = ${error.code} desc = ${error.message}`, { cause: error });
  }
  return new RetryableError(error.message, {
    exhausted,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
