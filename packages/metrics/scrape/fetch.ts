/** Gets an exposition over HTTP, with time and size limits; the real server's headers and error texts. */
import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, STATUS_CODES } from 'node:http';
import https from 'node:https';
import { createGunzip } from 'node:zlib';
import type { NetworkMap } from '@mario/service';
import type { HttpClientConfig, Secret, TlsConfig } from '../config/http-client-config.ts';
import type { ScrapeProtocol } from '../config/scrape-config.ts';

export interface FetchRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** After decompression; 0 is no limit but {@link BODY_BYTES_MAX}. */
  readonly bodyBytesMax: number;
  readonly client: HttpClientConfig;
  readonly signal: AbortSignal;
  readonly method?: 'GET' | 'POST';
  readonly body?: Uint8Array;
}

export interface FetchResponse {
  readonly status: number;
  readonly contentType: string;
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** Rejects with an Error whose message goes to the targets page. */
export type Fetch = (request: FetchRequest) => Promise<FetchResponse>;

/** Without a configured limit: more than any exporter writes, less than what would fill the memory. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;
const REDIRECTS_MAX = 10;
export const USER_AGENT = 'Prometheus/3.14.0';

const ACCEPT_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0;escaping=allow-utf-8',
};

/** The Accept header for protocols in order of preference, weights falling to 0.1 for anything. Protobuf is not asked for. */
export function acceptHeader(protocols: readonly ScrapeProtocol[]): string {
  const wanted = protocols.filter((protocol) => protocol !== 'PrometheusProto');
  const parts = wanted.map((protocol, i) => `${ACCEPT_TYPES[protocol]};q=0.${wanted.length + 1 - i}`);
  return [...parts, '*/*;q=0.1'].join(',');
}

/** A Fetch over real sockets. Names on the network map are reached where they are. */
export function createFetch(network: NetworkMap): Fetch {
  const agents = new Agents();
  const follow = async (request: FetchRequest, redirects: number): Promise<FetchResponse> => {
    const response = await exchange(request, network, agents);
    const location = response.headers.location;
    const { statusCode = 0 } = response;
    const redirected = statusCode >= 300 && statusCode < 400 && location !== undefined;
    if (redirected && request.client.followRedirects) {
      response.resume();
      if (redirects >= REDIRECTS_MAX) throw new Error(`Get "${request.url}": stopped after ${REDIRECTS_MAX} redirects`);
      return follow({ ...request, url: new URL(location, request.url).href }, redirects + 1);
    }
    const body = await readBody(response, request.bodyBytesMax || BODY_BYTES_MAX);
    return { status: statusCode, contentType: response.headers['content-type'] ?? '', body };
  };
  return async (request) => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]);
    try {
      return await follow({ ...request, signal }, 0);
    } catch (error) {
      throw explain(error, request, signal);
    }
  };
}

/** `server returned HTTP status 404 Not Found` */
export function statusError(status: number): string {
  return `server returned HTTP status ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}

function explain(error: unknown, request: FetchRequest, signal: AbortSignal): Error {
  const method = request.method === 'POST' ? 'Post' : 'Get';
  const place = `${method} "${request.url}"`;
  if (signal.aborted)
    return new Error(`${place}: ${request.signal.aborted ? 'context canceled' : 'context deadline exceeded'}`);
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'ECONNREFUSED') return new Error(`${place}: dial tcp ${address}:${port}: connect: connection refused`);
  if (code === 'ENOTFOUND')
    return new Error(`${place}: dial tcp: lookup ${new URL(request.url).hostname}: no such host`);
  if (code === 'ECONNRESET') return new Error(`${place}: read: connection reset by peer`);
  if (message.startsWith('body size limit') || message.startsWith(place)) return error as Error;
  return new Error(`${place}: ${message}`);
}

async function exchange(request: FetchRequest, network: NetworkMap, agents: Agents): Promise<IncomingMessage> {
  const asked = new URL(request.url);
  const url = new URL(network.resolveUrl(request.url));
  const headers = { host: asked.host, ...request.headers, ...(await clientHeaders(request.client)) };
  const secure = url.protocol === 'https:';
  const agent = secure ? await agents.secure(request.client.tls, asked.hostname) : agents.plain;
  return new Promise((resolve, reject) => {
    const options = { method: request.method ?? 'GET', headers, agent, signal: request.signal };
    const outgoing = (secure ? https : http).request(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

/** Authorization and extra headers; secrets in files are read each time, because they rotate. */
export async function clientHeaders(client: HttpClientConfig): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {};
  for (const { name, values, files } of client.headers) {
    const fromFiles = await Promise.all(files.map(async (file) => (await readFile(file, 'utf8')).trim()));
    headers[name] = [...values, ...fromFiles];
  }
  if (client.basicAuth !== undefined) {
    const { username, password } = client.basicAuth;
    const pair = `${await reveal(username)}:${await reveal(password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  } else if (client.authorization !== undefined) {
    headers.authorization = `${client.authorization.type} ${await reveal(client.authorization.credentials)}`;
  }
  return headers;
}

async function reveal(secret: Secret): Promise<string> {
  return secret.file === undefined ? (secret.value ?? '') : (await readFile(secret.file, 'utf8')).trim();
}

/** Connections that are kept open between scrapes. */
class Agents {
  readonly plain = new http.Agent({ keepAlive: true });
  readonly #secure = new Map<string, https.Agent>();

  async secure(tls: TlsConfig | undefined, hostname: string): Promise<https.Agent> {
    const key = JSON.stringify([tls, hostname]);
    let agent = this.#secure.get(key);
    if (agent === undefined) {
      agent = new https.Agent({ keepAlive: true, servername: tls?.serverName ?? hostname, ...(await tlsOptions(tls)) });
      this.#secure.set(key, agent);
    }
    return agent;
  }
}

async function tlsOptions(tls: TlsConfig | undefined): Promise<https.AgentOptions> {
  if (tls === undefined) return {};
  const load = async (text: string | undefined, file: string | undefined) =>
    text ?? (file === undefined ? undefined : await readFile(file));
  const [ca, cert, key] = await Promise.all([
    load(tls.ca, tls.caFile),
    load(tls.cert, tls.certFile),
    load(tls.key, tls.keyFile),
  ]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

async function readBody(response: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const gzipped = response.headers['content-encoding'] === 'gzip';
  const stream = gzipped ? response.pipe(createGunzip()) : response;
  if (gzipped) response.on('error', (error) => stream.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > bytesMax) throw new Error('body size limit exceeded');
      chunks.push(chunk);
    }
  } finally {
    if (!response.complete) response.destroy();
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}
