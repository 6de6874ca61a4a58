/** Gets an exposition over HTTP, with time and size limits; the real server's headers and error texts. */
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { NetworkMap } from '@mario/service';
import type { HttpClientConfig } from '../config/http-client-config.ts';
import { BodyBuffers, BodyTooLargeError } from './http/body-buffer.ts';
import { basic, clientHeaders } from './http/client-headers.ts';
import { tlsOptions } from './http/client-tls.ts';
import { ConnectionPool } from './http/connection-pool.ts';
import { Deadline } from './http/deadline.ts';
import { OAuth2Tokens } from './http/oauth2.ts';
import { type HttpProxy, openTunnel, proxyFor } from './http/proxy.ts';
import { ResponseError, ResponseReader } from './http/response-reader.ts';

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
  /** Gives the body's memory back for the next response; whoever keeps the body does not call it. */
  readonly release?: () => void;
}

/** A request on its way. */
export interface TimedRequest extends FetchRequest {
  readonly deadline: Deadline;
}

/** Rejects with an Error whose message goes to the targets page. */
export type Fetch = (request: FetchRequest) => Promise<FetchResponse>;

/** Without a configured limit: more than any exporter writes, less than what would fill the memory. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;
const REDIRECTS_MAX = 10;
const REDIRECTING = new Set([301, 302, 303, 307, 308]);
/** One piece of decompressed body; what a body says about its own size is not trusted beyond it. */
const GUNZIP_CHUNK_BYTES_MAX = 8 * 1024 * 1024;
export const USER_AGENT = 'Prometheus/3.14.0';

const unpack = promisify(gunzip);

/** A Fetch over real sockets. Names on the network map are reached where they are. */
export function createFetch(network: NetworkMap): Fetch {
  const client = new HttpClient(network);
  const fetch: Fetch = async (request) => {
    const deadline = new Deadline(request.timeoutMs, request.signal);
    try {
      return await client.follow({ ...request, deadline }, 0, true);
    } catch (error) {
      throw explain(error, request, deadline.reason);
    } finally {
      deadline.close();
    }
  };
  return fetch;
}

/** `server returned HTTP status 404 Not Found` */
export function statusError(status: number): string {
  return `server returned HTTP status ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}

function explain(error: unknown, request: FetchRequest, ended: string | undefined): Error {
  if (error instanceof BodyTooLargeError && ended === undefined) return error;
  const place = `${request.method === 'POST' ? 'Post' : 'Get'} "${request.url}"`;
  if (ended !== undefined) return new Error(`${place}: ${ended}`);
  // Several addresses of one name were tried: the first says enough.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code, message, address, port, proxyHost } = first as DialError;
  const dial =
    address === undefined ? 'dial tcp' : `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}`;
  const texts: Readonly<Record<string, string>> = {
    ECONNREFUSED: `${dial}: connect: connection refused`,
    EHOSTUNREACH: `${dial}: connect: no route to host`,
    ENETUNREACH: `${dial}: connect: network is unreachable`,
    ETIMEDOUT: `${dial}: connect: connection timed out`,
    ENOTFOUND: `dial tcp: lookup ${proxyHost ?? new URL(request.url).hostname}: no such host`,
    EAI_AGAIN: `dial tcp: lookup ${proxyHost ?? new URL(request.url).hostname}: server misbehaving`,
    ECONNRESET: 'read: connection reset by peer',
    EPIPE: 'write: broken pipe',
    ...TLS_TEXTS,
  };
  if (message.startsWith(place)) return first as Error;
  return new Error(`${place}: ${proxyHost === undefined ? '' : 'proxyconnect tcp: '}${texts[code ?? ''] ?? message}`);
}

interface DialError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  /** Where a proxy was to be reached. */
  readonly proxyHost?: string;
}

/** Go's words for what OpenSSL says of certificates. */
const TLS_TEXTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
};

/** What a URL says of where to go, and what is asked there again and again. */
interface Place {
  readonly url: URL;
  readonly secure: boolean;
  readonly port: number;
  plain: { readonly headers: FetchRequest['headers']; readonly text: Uint8Array } | undefined;
}

/** URLs that are remembered: more than one process scrapes, then all are forgotten. */
const PLACES_MAX = 20_000;

class HttpClient {
  readonly #network: NetworkMap;
  readonly #pool = new ConnectionPool();
  readonly #buffers = new BodyBuffers();
  readonly #tokens: OAuth2Tokens;
  readonly #places = new Map<string, Place>();

  constructor(network: NetworkMap) {
    this.#network = network;
    this.#tokens = new OAuth2Tokens(
      (request) => this.follow(request, 0, true),
      () => performance.now(),
    );
  }

  /** `trusted`: still at the host that the configuration names, which alone gets its secrets. */
  async follow(request: TimedRequest, redirects: number, trusted: boolean): Promise<FetchResponse> {
    const place = this.#place(request.url);
    const body = this.#buffers.take(request.bodyBytesMax || BODY_BYTES_MAX);
    const reader = await this.#exchange(request, place, trusted, body);
    const location = reader.headers.get('location');
    if (request.client.followRedirects && location !== undefined && REDIRECTING.has(reader.status)) {
      this.#buffers.release(body);
      if (redirects + 1 >= REDIRECTS_MAX) throw new Error(`stopped after ${REDIRECTS_MAX} redirects`);
      return this.follow(
        redirected(request, reader.status, location, place.url),
        redirects + 1,
        trusted && isSameHost(place.url, location),
      );
    }
    const contentType = reader.headers.get('content-type') ?? '';
    const { status } = reader;
    if (reader.headers.get('content-encoding')?.toLowerCase() !== 'gzip') {
      return { status, contentType, body: body.bytes, release: () => this.#buffers.release(body) };
    }
    const unpacked = await gunzipped(body.bytes, request.bodyBytesMax || BODY_BYTES_MAX);
    this.#buffers.release(body);
    return { status, contentType, body: unpacked };
  }

  async #exchange(request: TimedRequest, place: Place, trusted: boolean, body: ReturnType<BodyBuffers['take']>) {
    const { client, method = 'GET', deadline } = request;
    const { url, secure } = place;
    const mapped = this.#network.lookup(`${url.hostname}:${place.port}`);
    const host = (mapped?.host ?? url.hostname).replace(/^\[(.*)\]$/, '$1');
    const port = mapped?.port ?? place.port;
    // What is in this process is beyond no proxy.
    const proxy = client.proxy === undefined || mapped !== undefined ? undefined : proxyFor(client.proxy, url);
    const text = await this.#head(request, place, trusted, proxy);
    const key = secure ? `${host}:${port} ${url.hostname} ${JSON.stringify(client.tls ?? null)}` : `${host}:${port}`;
    const exchange = this.#pool.exchange({
      ...(proxy === undefined
        ? {
            key,
            connect: async () => ({ host, port, tls: secure ? await tlsOptions(client.tls, url.hostname) : undefined }),
          }
        : throughProxy(request, place, proxy, key)),
      request: request.body === undefined ? [text] : [text, request.body],
      repeatable: method === 'GET',
      reader: () => new ResponseReader(body),
      deadline,
    });
    return proxy === undefined ? exchange : exchange.catch((error) => Promise.reject(namingProxy(error, proxy)));
  }

  /** Request line and headers; those of a scrape without secrets are made once. */
  async #head(
    request: TimedRequest,
    place: Place,
    trusted: boolean,
    proxy: HttpProxy | undefined,
  ): Promise<Uint8Array> {
    const { client, headers, method = 'GET' } = request;
    const { url } = place;
    const isPlain =
      method === 'GET' &&
      client.proxy === undefined &&
      url.username === '' &&
      client.headers.length === 0 &&
      client.basicAuth === undefined &&
      client.authorization === undefined &&
      client.oauth2 === undefined;
    if (isPlain && place.plain?.headers === headers) return place.plain.text;
    // A proxy is told the whole URL, unless it only passes on what it cannot read.
    const origin = proxy !== undefined && !place.secure ? `http://${url.host}` : '';
    const lines = [`${method} ${origin}${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
    if (origin !== '' && proxy!.authorization !== undefined) lines.push(`proxy-authorization: ${proxy!.authorization}`);
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (trusted) for (const [name, value] of await this.#secrets(request, url)) lines.push(`${name}: ${value}`);
    if (method === 'POST') lines.push(`content-length: ${request.body?.length ?? 0}`, 'connection: close');
    if (lines.some((line) => /[\r\n]/.test(line))) throw new Error('net/http: invalid header field value');
    const text = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
    if (isPlain) place.plain = { headers, text };
    return text;
  }

  #place(text: string): Place {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new Error(`unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
    const secure = url.protocol === 'https:';
    const place = { url, secure, port: Number(url.port) || (secure ? 443 : 80), plain: undefined };
    if (this.#places.size >= PLACES_MAX) this.#places.clear();
    this.#places.set(text, place);
    return place;
  }

  async #secrets(request: TimedRequest, url: URL): Promise<readonly (readonly [string, string])[]> {
    const headers = await clientHeaders(request.client);
    const { oauth2 } = request.client;
    if (oauth2 !== undefined) return [...headers, ['authorization', await this.#tokens.header(oauth2, request)]];
    const given =
      headers.some(([name]) => name.toLowerCase() === 'authorization') || 'authorization' in request.headers;
    if (given || url.username === '') return headers;
    return [...headers, ['authorization', basic(decodeURIComponent(url.username), decodeURIComponent(url.password))]];
  }
}

/** It was the proxy that could not be reached. */
function namingProxy(error: NodeJS.ErrnoException, proxy: HttpProxy): Error {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const isDial = first.syscall === 'connect' || first.syscall === 'getaddrinfo';
  return isDial ? Object.assign(first, { proxyHost: proxy.host }) : error;
}

/** The address to connect to, and what makes connections equal. */
function throughProxy({ client, deadline }: TimedRequest, { url, secure, port }: Place, proxy: HttpProxy, key: string) {
  const by = `${proxy.host}:${proxy.port} ${proxy.authorization ?? ''}`;
  if (!secure) return { key: `proxy ${by}`, connect: async () => ({ ...proxy, tls: undefined }) };
  const headers = client.proxy?.connectHeaders ?? [];
  return {
    key: `tunnel ${by} ${JSON.stringify(headers)} ${key}`,
    connect: async () => {
      const options = await tlsOptions(client.tls, url.hostname);
      const tunnel = await openTunnel(proxy, `${url.hostname}:${port}`, headers, deadline);
      return { host: url.hostname, port, tls: options, tunnel };
    },
  };
}

function redirected(request: TimedRequest, status: number, location: string, from: URL): TimedRequest {
  const to = { ...request, url: new URL(location, from).href };
  if (request.method !== 'POST' || status === 307 || status === 308) return to;
  const { body: _, method: __, ...asGet } = to;
  return asGet;
}

function isSameHost(from: URL, location: string): boolean {
  const to = new URL(location, from);
  return to.host === from.host && (to.protocol === from.protocol || to.protocol === 'https:');
}

async function gunzipped(bytes: Uint8Array<ArrayBuffer>, bytesMax: number): Promise<Uint8Array> {
  // The last four bytes tell the unpacked size (RFC 1952): with it the result is one piece.
  const told =
    bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
  const chunkSize = Math.max(64, Math.min(told + 1, bytesMax + 1, GUNZIP_CHUNK_BYTES_MAX));
  try {
    return await unpack(bytes, { chunkSize, maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new BodyTooLargeError();
    throw new ResponseError(`gzip: invalid body: ${(error as Error).message}`);
  }
}
