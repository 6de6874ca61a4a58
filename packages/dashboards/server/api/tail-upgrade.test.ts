import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import Fastify from 'fastify';
import { Accounts } from '../accounts/accounts.ts';
import type { Datasource } from '../provisioning/datasource.ts';
import { addTailUpgrade } from './tail-upgrade.ts';

const PATH = '/api/datasources/proxy/uid/loki/loki/api/v1/tail?query=%7Ba%3D%22b%22%7D';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

function datasource(uid: string, type: string): Datasource {
  return {
    uid,
    name: uid,
    type,
    url: 'http://store:3100',
    basicAuth: false,
    basicAuthUser: '',
    jsonData: {},
    secureJsonData: {},
  } as unknown as Datasource;
}

/** A store that takes every upgrade, greets, and says what it is told in capitals; and the server in front of it. */
async function start(t: TestContext, refuses = false) {
  const seen: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const store = createServer((_request, response) => response.writeHead(400).end('parse error'));
  if (!refuses) {
    store.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      seen.push(request);
      sockets.push(socket);
      const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}x`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nhello`,
      );
      socket.on('end', () => socket.end());
      socket.on('data', (data) => socket.write(String(data).toUpperCase()));
    });
  }
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    store.close();
  });
  const network = new NetworkMap();
  network.register('store:3100', { host: '127.0.0.1', port: (store.address() as AddressInfo).port });
  const accounts = await Accounts.open({
    directory: openMemoryDirectory(),
    clock: systemClock,
    adminUser: 'admin',
    adminPassword: 'admin',
  });
  const app = Fastify();
  app.get('/plain', async () => 'plain');
  addTailUpgrade(app, {
    datasources: [datasource('loki', 'loki'), datasource('prometheus', 'prometheus')],
    network,
    accounts,
    log: silentLog,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  return { app, port: (app.server.address() as AddressInfo).port, seen, sockets };
}

const credentials = { authorization: `Basic ${btoa('admin:admin')}` };

interface Answer {
  readonly status: number;
  readonly socket: Socket | undefined;
  readonly text: string;
}

function ask(port: number, headers: Record<string, string>, path = PATH, upgrade = 'websocket'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path,
      headers: { connection: 'Upgrade', upgrade, 'sec-websocket-key': KEY, 'sec-websocket-version': '13', ...headers },
    });
    request.on('upgrade', (answer, socket: Socket, head) =>
      resolve({ status: answer.statusCode!, socket, text: String(head) }),
    );
    request.on('response', (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, socket: undefined, text }));
    });
    request.on('error', reject);
    request.end();
  });
}

async function read(socket: Socket, text: string, wanted: string): Promise<void> {
  let found = text;
  while (!found.includes(wanted)) found += String((await once(socket, 'data'))[0]);
}

test('a tail passes in both directions, with nothing of the session', async (t) => {
  const { port, seen, sockets } = await start(t);
  const { status, socket, text } = await ask(port, { ...credentials, cookie: 'grafana_session=x' });
  assert.equal(status, 101);
  await read(socket!, text, 'hello');
  socket!.write('lines');
  await read(socket!, '', 'LINES');
  const { url, headers } = seen[0]!;
  assert.equal(url, '/loki/api/v1/tail?query=%7Ba%3D%22b%22%7D');
  assert.deepEqual([headers.cookie, headers.authorization, headers['sec-websocket-key']], [undefined, undefined, KEY]);
  socket!.destroy();
  await once(sockets[0]!, 'close');
});

test('only a user, only from the same site, only the tail of a log store', async (t) => {
  const { port, seen } = await start(t);
  assert.equal((await ask(port, {})).status, 401);
  assert.equal((await ask(port, { ...credentials, origin: 'http://evil.example' })).status, 403);
  assert.equal((await ask(port, credentials, PATH.replace('uid/loki', 'uid/prometheus'))).status, 404);
  assert.equal((await ask(port, credentials, PATH.replace('v1/tail', 'v1/push'))).status, 404);
  assert.equal(seen.length, 0);
});

test('who is refused holds no place, even if he leaves his side open', async (t) => {
  const { app, port } = await start(t);
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => client.destroy());
  client.write(`GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  const connections = () => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)));
  assert.match(String((await once(client, 'data'))[0]), /^HTTP\/1\.1 401 /);
  await once(client.resume(), 'end');
  for (let turn = 0; turn < 1_000 && (await connections()) !== 0; turn++) await new Promise(setImmediate);
  assert.equal(await connections(), 0);
  assert.equal((await ask(port, credentials, PATH.replace('uid/loki', 'uid/%E0%A4'))).status, 404);
});

test('what the store refuses is told, and other upgrades are as if they were not asked for', async (t) => {
  const { port } = await start(t, true);
  const refused = await ask(port, credentials);
  assert.deepEqual([refused.status, JSON.parse(refused.text)], [400, { message: 'parse error' }]);
  assert.deepEqual(await ask(port, {}, '/plain', 'h2c'), { status: 200, socket: undefined, text: 'plain' });
});

test('closing the server ends its tails', async (t) => {
  const { app, port, sockets } = await start(t);
  const { socket } = await ask(port, credentials);
  socket!.on('error', () => {});
  await Promise.all([once(sockets[0]!, 'close'), once(socket!, 'close'), app.close()]);
});
