/**
 * Passes the page's queries to the stores and streams the answers back; when the reader goes away, the query is
 * aborted. What writes or administrates does not pass: who may look must not thereby be able to change.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Counter, NetworkMap } from '@mario/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Datasource } from '../provisioning/datasource.ts';

/** Answers beyond this are a mistake in a query; the page would not survive them. */
const IDLE_TIMEOUT_MS = 5 * 60_000;

/** Reading paths that are asked by POST, because an expression may be longer than an address. */
const POST_PATHS =
  /^\/?(api\/v1\/(query|query_range|query_exemplars|series|labels|format_query|parse_query|label\/[^/]+\/values)|loki\/api\/v1\/(query|query_range|series|labels|label|index\/.*|patterns|detected_.*|format_query))$/;

const PRIVATE_PATHS = /^\/?(api\/v1\/admin\/|-\/|debug\/|flush|shutdown|ingester\/|config$)/;

/** Silences are made and ended in the page, as in Grafana; nothing else is changed through the proxy. */
function mayChange({ type }: Datasource, method: string, path: string): boolean {
  if (type !== 'alertmanager') return false;
  return method === 'POST' ? SILENCES.test(path) : method === 'DELETE' && SILENCE.test(path);
}

const SILENCES = /^\/?api\/v2\/silences$/;
const SILENCE = /^\/?api\/v2\/silence\/[0-9a-fA-F-]{36}$/;

const REQUEST_HEADERS = [
  'accept',
  'accept-encoding',
  'content-type',
  'traceparent',
  'tracestate',
  'x-loki-response-encoding-flags',
  'x-query-tags',
];
const RESPONSE_HEADERS = [
  'content-type',
  'content-encoding',
  'content-length',
  'cache-control',
  'vary',
  'retry-after',
  'etag',
  'last-modified',
];

export interface ProxyOptions {
  readonly datasources: readonly Datasource[];
  readonly network: NetworkMap;
  readonly requests: Counter;
}

export function addDatasourceProxy(app: FastifyInstance, options: ProxyOptions): void {
  app.register(async (scope) => {
    // The body is passed on as it is, whatever it holds.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.route({
      method: ['GET', 'HEAD', 'POST', 'DELETE'],
      url: '/api/datasources/proxy/uid/:uid/*',
      // The answer is compressed by the store already, or small.
      config: { compress: false },
      handler: (request, reply) => pass(request, reply, options),
    });
  });
}

async function pass(request: FastifyRequest, reply: FastifyReply, options: ProxyOptions): Promise<void> {
  const { uid } = request.params as { uid: string };
  const datasource = options.datasources.find((candidate) => candidate.uid === uid);
  if (datasource === undefined) return void reply.code(404).send({ message: 'Unable to find datasource' });
  const rest = rawPathAfterUid(request.raw.url ?? '');
  const [path = '', search] = rest.split(/\?(.*)/s);
  const changes = request.method === 'DELETE' || (request.method === 'POST' && !POST_PATHS.test(path));
  if (PRIVATE_PATHS.test(path) || (changes && !mayChange(datasource, request.method, path))) {
    return void reply.code(403).send({ message: `${request.method} ${path} does not pass: the page may only read` });
  }
  const target = targetUrl(options.network.resolveUrl(datasource.url), path, search);
  if (target === undefined) return void reply.code(400).send({ message: 'the path leaves the data source' });
  reply.hijack();
  exchange(request, reply, datasource, target, options.requests);
}

/** The path as sent, still encoded: label names and trace ids must arrive as they left. */
function rawPathAfterUid(url: string): string {
  return url.replace(/^\/api\/datasources\/proxy\/uid\/[^/]+\/?/, '');
}

/** Undefined when the path leads out of the data source. */
export function targetUrl(base: string, path: string, search: string | undefined): URL | undefined {
  const root = base.endsWith('/') ? base : `${base}/`;
  const target = URL.parse(root + path.replace(/^\/+/, ''));
  if (target === null) return undefined;
  const { origin, pathname } = new URL(root);
  if (target.origin !== origin || !target.pathname.startsWith(pathname)) return undefined;
  if (search !== undefined) target.search = search;
  return target;
}

function exchange(
  request: FastifyRequest,
  reply: FastifyReply,
  datasource: Datasource,
  target: URL,
  requests: Counter,
): void {
  const client = reply.raw;
  const count = (code: number) =>
    requests.inc({
      datasource: datasource.name,
      datasource_type: datasource.type,
      method: request.method,
      code: String(code),
    });
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const upstream = send(target, {
    method: request.method,
    headers: requestHeaders(request, datasource),
    timeout: IDLE_TIMEOUT_MS,
  });
  client.on('close', () => {
    if (!client.writableFinished) upstream.destroy();
  });
  upstream.on('timeout', () => upstream.destroy(new Error('no answer in time')));
  upstream.on('response', (answer) => {
    count(answer.statusCode ?? 502);
    forward(answer, reply);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (client.headersSent || client.destroyed) return void client.destroy();
    count(502);
    const body = JSON.stringify({
      message: `${datasource.name} (${datasource.url}) cannot be reached: ${explain(error)}`,
    });
    client.writeHead(502, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  });
  finish(upstream, request.body);
}

function finish(upstream: ClientRequest, body: unknown): void {
  if (Buffer.isBuffer(body)) upstream.end(body);
  else upstream.end();
}

function forward(answer: IncomingMessage, reply: FastifyReply): void {
  const client = reply.raw;
  const headers: Record<string, string | string[]> = {
    // Answers are data from outside: no browser may take them for a page.
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  };
  for (const name of RESPONSE_HEADERS) {
    const value = answer.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  client.writeHead(answer.statusCode ?? 502, headers);
  answer.on('error', () => client.destroy());
  answer.pipe(client);
}

/** Neither the session nor the user's password leave for a store. */
function requestHeaders(request: FastifyRequest, datasource: Datasource): Record<string, string> {
  const headers = credentialHeaders(datasource);
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] ??= value;
  }
  if (Buffer.isBuffer(request.body)) headers['content-length'] = String(request.body.length);
  return headers;
}

/** What the data source itself is asked with, as its provisioning says. */
export function credentialHeaders(datasource: Datasource): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'mario-dashboards' };
  if (datasource.basicAuth) {
    const password = datasource.secureJsonData.basicAuthPassword ?? '';
    headers.authorization = `Basic ${Buffer.from(`${datasource.basicAuthUser}:${password}`).toString('base64')}`;
  }
  for (const [key, name] of Object.entries(datasource.jsonData)) {
    const index = /^httpHeaderName(\d+)$/.exec(key)?.[1];
    const value = index === undefined ? undefined : datasource.secureJsonData[`httpHeaderValue${index}`];
    if (value !== undefined && typeof name === 'string') headers[name.toLowerCase()] = value;
  }
  return headers;
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'nothing listens there; is the store running?';
  if (error.code === 'ENOTFOUND') return 'the name is not known';
  return error.message || error.code || 'the connection broke';
}
