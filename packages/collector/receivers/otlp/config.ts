// The otlp receiver's configuration, with the keys and defaults of the real one.
import type { ConfigNode } from '@mario/service';
import { count, endpoint, flag, type ReadContext, text } from '../../config/read-context.ts';
import { type CorsConfig, readCors } from './cors.ts';

export interface OtlpReceiverConfig {
  readonly grpc: GrpcConfig | undefined;
  readonly http: HttpConfig | undefined;
}

export interface GrpcConfig {
  readonly endpoint: string;
  readonly messageBytesMax: number;
  readonly streamsMax: number | undefined;
  readonly keepaliveMs: number | undefined;
  readonly keepaliveTimeoutMs: number | undefined;
}

export interface HttpConfig {
  readonly endpoint: string;
  readonly paths: { readonly traces: string; readonly metrics: string; readonly logs: string };
  readonly bodyBytesMax: number;
  readonly cors: CorsConfig | undefined;
}

const mib = 1024 * 1024;

export function readOtlpReceiverConfig(node: ConfigNode, context: ReadContext): OtlpReceiverConfig {
  const { protocols } = node.fields({ protocols: 'used' });
  const { grpc, http } = protocols?.fields({ grpc: 'used', http: 'used' }) ?? {};
  if (grpc === undefined && http === undefined) {
    (protocols ?? node).error('must specify at least one protocol when using the OTLP receiver');
  }
  return {
    grpc: grpc === undefined ? undefined : readGrpc(grpc, context),
    http: http === undefined ? undefined : readHttp(http, context),
  };
}

function readGrpc(node: ConfigNode, context: ReadContext): GrpcConfig {
  const fields = node.fields({
    endpoint: 'used',
    transport: 'used',
    tls: 'used',
    max_recv_msg_size_mib: 'used',
    max_concurrent_streams: 'used',
    read_buffer_size: 'unused',
    write_buffer_size: 'unused',
    keepalive: 'used',
    auth: 'used',
    include_metadata: 'used',
    middlewares: 'used',
  });
  for (const key of ['tls', 'auth', 'middlewares'] as const) refuseUnlessNull(fields[key], key, context);
  if (flag(fields.include_metadata, false)) fields.include_metadata!.warn('is not used by the embedded collector');
  const transport = text(fields.transport, 'tcp');
  if (transport !== 'tcp')
    context.refuse(fields.transport!, `transport ${transport} is not supported by the embedded collector`);
  const keepalive = readKeepalive(fields.keepalive);
  return {
    endpoint: endpoint(fields.endpoint, 'localhost:4317'),
    messageBytesMax: (count(fields.max_recv_msg_size_mib, 0) || 4) * mib,
    streamsMax: count(fields.max_concurrent_streams, 0) || undefined,
    ...keepalive,
  };
}

function readKeepalive(node: ConfigNode | undefined): Pick<GrpcConfig, 'keepaliveMs' | 'keepaliveTimeoutMs'> {
  const { server_parameters } = node?.fields({ server_parameters: 'used', enforcement_policy: 'unused' }) ?? {};
  const fields = server_parameters?.fields({
    time: 'used',
    timeout: 'used',
    max_connection_idle: 'unused',
    max_connection_age: 'unused',
    max_connection_age_grace: 'unused',
  });
  return { keepaliveMs: fields?.time?.goDurationMs(), keepaliveTimeoutMs: fields?.timeout?.goDurationMs() };
}

function readHttp(node: ConfigNode, context: ReadContext): HttpConfig {
  const fields = node.fields({
    endpoint: 'used',
    transport: 'used',
    tls: 'used',
    cors: 'used',
    auth: 'used',
    max_request_body_size: 'used',
    include_metadata: 'used',
    response_headers: 'unused',
    compression_algorithms: 'unused',
    read_timeout: 'unused',
    read_header_timeout: 'unused',
    write_timeout: 'unused',
    idle_timeout: 'unused',
    keep_alives_enabled: 'unused',
    middlewares: 'used',
    traces_url_path: 'used',
    metrics_url_path: 'used',
    logs_url_path: 'used',
    profiles_url_path: 'unused',
  });
  for (const key of ['tls', 'auth', 'middlewares'] as const) refuseUnlessNull(fields[key], key, context);
  if (flag(fields.include_metadata, false)) fields.include_metadata!.warn('is not used by the embedded collector');
  return {
    endpoint: endpoint(fields.endpoint, 'localhost:4318'),
    paths: {
      traces: urlPath(fields.traces_url_path, '/v1/traces'),
      metrics: urlPath(fields.metrics_url_path, '/v1/metrics'),
      logs: urlPath(fields.logs_url_path, '/v1/logs'),
    },
    bodyBytesMax: count(fields.max_request_body_size, 0) || 20 * mib,
    cors: fields.cors === undefined || fields.cors.isNull ? undefined : readCors(fields.cors),
  };
}

function urlPath(node: ConfigNode | undefined, defaultPath: string): string {
  const path = text(node, defaultPath);
  return path.startsWith('/') ? path : `/${path}`;
}

function refuseUnlessNull(node: ConfigNode | undefined, what: string, context: ReadContext): void {
  if (node !== undefined && !node.isNull)
    context.refuse(node, `${what} is not supported by the embedded otlp receiver`);
}
