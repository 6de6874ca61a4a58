/**
 * Live tails of logs: a WebSocket of the page, passed through to the store as bytes in both directions. It is the one
 * upgrade that passes, for whoever may read, and not from another site's page: such a page could read the answers.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Log, NetworkMap } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { authenticate } from '../accounts/authenticate.ts';
import { isFromOtherSite } from '../accounts/origin.ts';
import type { Datasource } from '../provisioning/datasource.ts';
import { credentialHeaders, targetUrl } from './datasource-proxy.ts';

/** Of all users together; a store has a limit of its own, which is lower. */
const TAILS_MAX = 100;

/** Of what a store says instead of an upgrade. */
const REASON_LENGTH_MAX = 4_096;

const TAIL_PATH = /^\/api\/datasources\/proxy\/uid\/([^/?]+)\/loki\/api\/v1\/tail(?:\?(.*))?$/s;

/** What a WebSocket's handshake consists of; nothing else of the page's headers reaches the store. */
const HANDSHAKE_HEADERS = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'x-loki-response-encoding-flags',
];

export interface TailOptions {
  readonly datasources: readonly Datasource[];
  readonly network: NetworkMap;
  readonly accounts: Accounts;
  readonly log: Log;
}

export function addTailUpgrade(app: FastifyInstance, options: TailOptions): void {
  const open = new Set<Duplex>();
  const server = app.server as typeof app.server & { shouldUpgradeCallback: (request: IncomingMessage) => boolean };
  // Clients that offer HTTP/2 (`Upgrade: h2c`) are answered as if they had not.
  server.shouldUpgradeCallback = ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket';
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    if (open.size > TAILS_MAX) return refuse(socket, 503, `more than ${TAILS_MAX} tails are open`);
    pass(request, socket, head, options).catch((error: unknown) => {
      options.log.error('a tail could not be passed on', { error });
      socket.destroy();
    });
  });
  // The server would wait for them to end by themselves.
  app.addHook('preClose', async () => {
    for (const socket of open) socket.destroy();
  });
}

async function pass(request: IncomingMessage, socket: Duplex, head: Buffer, options: TailOptions): Promise<void> {
  if (isFromOtherSite(request.headers)) return refuse(socket, 403, 'origin not allowed');
  const { user } = await authenticate(request, options.accounts);
  if (user === undefined) return refuse(socket, 401, 'Unauthorized');
  const [, uid = '', search] = TAIL_PATH.exec(request.url ?? '') ?? [];
  const datasource = options.datasources.find((candidate) => candidate.uid === decoded(uid));
  if (datasource?.type !== 'loki') return refuse(socket, 404, 'only a data source of logs can be tailed');
  const target = targetUrl(options.network.resolveUrl(datasource.url), 'loki/api/v1/tail', search);
  if (target === undefined) return refuse(socket, 400, 'the path leaves the data source');
  connect(request, socket, head, target, datasource);
}

function connect(request: IncomingMessage, socket: Duplex, head: Buffer, target: URL, datasource: Datasource): void {
  const headers: Record<string, string> = {
    ...credentialHeaders(datasource),
    connection: 'Upgrade',
    upgrade: 'websocket',
  };
  for (const name of HANDSHAKE_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const upstream = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, { headers });
  socket.on('close', () => upstream.destroy());
  upstream.on('upgrade', (answer, store, first) => {
    store.on('error', () => store.destroy());
    store.on('close', () => socket.destroy());
    socket.on('close', () => store.destroy());
    socket.write(statusAndHeaders(answer));
    socket.write(first);
    store.write(head);
    store.pipe(socket);
    socket.pipe(store);
  });
  // The store refused: a malformed query, too many tails.
  upstream.on('response', (answer) => {
    let reason = '';
    answer.setEncoding('utf8').on('data', (text: string) => {
      if (reason.length < REASON_LENGTH_MAX) reason += text;
    });
    // Also when the answer breaks off.
    answer.on('close', () => refuse(socket, answer.statusCode ?? 502, reason.slice(0, REASON_LENGTH_MAX).trim()));
  });
  upstream.on('error', (error) => refuse(socket, 502, `${datasource.name} cannot be reached: ${error.message}`));
  upstream.end();
}

/** As it stands where it is no encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function statusAndHeaders({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return `${text}\r\n`;
}

function refuse(socket: Duplex, status: number, message: string): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ message });
  const text = `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
  // A client that leaves its side open would hold one of the places, and need not even be logged in for it.
  socket.end(text, () => socket.destroy());
}
