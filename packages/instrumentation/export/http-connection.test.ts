import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readEnvironment } from '../environment.ts';
import { createHttpTransport } from './http-transport.ts';
import type { Transport } from './transport.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const TAKEN = { status: 'success', rejected: 0, message: '' };
/** More than the buffers of a connection on loopback hold. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'x');

/** A server that is given each connection and its number, and a transport to it. */
async function startPeer(
  t: TestContext,
  onConnection: (socket: net.Socket, number: number) => void,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ readonly transport: Transport; readonly connections: net.Socket[] }> {
  const connections: net.Socket[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket, connections.push(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = transportTo(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, variables);
  t.after(() => {
    transport.close();
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return { transport, connections };
}

function transportTo(endpoint: string, variables: Readonly<Record<string, string>> = {}): Transport {
  const { target } = readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...variables }).signals.traces;
  return createHttpTransport(target, (body) => ({ rejected: body.length, message: body.toString() }));
}

const send = (transport: Transport, body: string | Buffer = 'x') => transport.send(Buffer.from(body), false);

/** Answers each request, which is as long as one piece of a connection on loopback. */
function answering(answer: string): (socket: net.Socket) => void {
  return (socket) => socket.on('data', () => socket.write(answer));
}

test('all requests go over one connection', async (t) => {
  const { transport, connections } = await startPeer(t, answering(OK));
  for (let i = 0; i < 5; i += 1) assert.deepEqual(await send(transport), TAKEN);
  assert.equal(connections.length, 1);
});

test('a connection that the server ended while it rested is replaced, and nobody notices', async (t) => {
  const { transport, connections } = await startPeer(t, answering(OK));
  await send(transport);
  connections[0]!.end();
  await once(connections[0]!, 'close');
  assert.deepEqual(await send(transport), TAKEN);
  assert.equal(connections.length, 2);
});

test('a rested connection that ends under a request is replaced once', async (t) => {
  let answers = 1;
  const { transport, connections } = await startPeer(t, (socket) => {
    socket.on('data', () => {
      answers -= 1;
      if (answers >= 0) socket.write(OK);
      else socket.resetAndDestroy();
    });
  });
  await send(transport);
  const result = await send(transport);
  assert.equal(result.status, 'retry');
  assert.equal(connections.length, 2);
  answers = 1;
  assert.deepEqual(await send(transport), TAKEN);
});

test('half an answer is tried again, but not at once: the request may have been taken', async (t) => {
  const { transport, connections } = await startPeer(t, (socket, number) => {
    socket.on('data', () => (number === 1 ? socket.write(OK) : socket.end(OK.slice(0, 20))));
  });
  await send(transport);
  connections[0]!.removeAllListeners('data').on('data', () => connections[0]!.end(OK.slice(0, 20)));
  const result = await send(transport);
  assert.equal(connections.length, 1);
  assert.deepEqual(result, {
    status: 'retry',
    afterMs: undefined,
    message: 'the connection ended in the middle of an answer',
  });
});

test('an answer without a length ends with its connection', async (t) => {
  const { transport, connections } = await startPeer(t, (socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nab'));
  });
  assert.deepEqual(await send(transport), { status: 'success', rejected: 2, message: 'ab' });
  assert.equal((await send(transport)).status, 'success');
  assert.equal(connections.length, 2);
});

test('a server of another protocol is named, and tried again', async (t) => {
  const { transport } = await startPeer(t, answering('220 mail.example ESMTP\r\n'));
  const result = await send(transport);
  assert.equal(result.status, 'retry');
  assert.match(result.message, /not HTTP\/1\.1: "220 mail.example ESMTP".*OTEL_EXPORTER_OTLP_PROTOCOL=grpc/);
});

test('an answer before the whole request went ends the connection', async (t) => {
  const { transport, connections } = await startPeer(t, (socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const result = await send(transport, LARGE);
  assert.deepEqual(result, { status: 'failure', errorType: '413', message: 'HTTP status 413' });
  connections[0]!.resume();
  await once(connections[0]!, 'close');
});

test('a large request arrives as it is', async (t) => {
  const body = Buffer.from(LARGE);
  for (let at = 0; at < body.length; at += 4093) body[at] = at;
  let received = Buffer.alloc(0);
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      received = Buffer.concat(pieces);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = transportTo(`http://localhost:${(server.address() as net.AddressInfo).port}`);
  t.after(() => {
    transport.close();
    server.close();
  });
  assert.deepEqual(await transport.send(body, false), TAKEN);
  assert.ok(received.equals(body));
});

test('a server that is too slow is given up, and so is its connection', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { transport, connections } = await startPeer(t, (socket, number) => {
    socket.on('data', () => (number === 1 ? t.mock.timers.tick(10_000) : socket.write(OK)));
  });
  const slow = { status: 'retry', afterMs: undefined, message: 'no answer within 10000 ms' };
  assert.deepEqual(await send(transport), slow);
  assert.deepEqual(await send(transport), TAKEN);
  assert.equal(connections.length, 2);
});

test('nobody listening, and closing under a request, are tried again', async (t) => {
  const { transport } = await startPeer(t, () => {});
  const under = send(transport);
  transport.close();
  assert.deepEqual(await under, { status: 'retry', afterMs: undefined, message: 'the connection was closed' });
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  const refused = await send(transportTo(`http://127.0.0.1:${port}`));
  assert.equal(refused.status, 'retry');
  assert.match(refused.message, /ECONNREFUSED/);
});

test('headers of the user: all but those that would make it another request, or two', async (t) => {
  let head = '';
  const { transport } = await startPeer(
    t,
    (socket) => {
      socket.on('data', (bytes) => {
        head += bytes.toString('latin1');
        socket.write(OK);
      });
    },
    {
      OTEL_EXPORTER_OTLP_HEADERS:
        'X-Tenant=a%20b,Host=tenant.example,Content-Length=5,bad=1%0d%0aevil%3A%201,b%20c=1,User-Agent=me',
    },
  );
  await send(transport, 'body');
  assert.deepEqual(head.split('\r\n'), [
    'POST /v1/traces HTTP/1.1',
    'host: tenant.example',
    'user-agent: me',
    'x-tenant: a b',
    'content-type: application/x-protobuf',
    'content-length: 4',
    '',
    'body',
  ]);
});

const OPENSSL = '/usr/bin/openssl';
const missing = existsSync(OPENSSL) ? false : 'skipped: openssl is not installed';

test('TLS: an authority of one’s own and a client certificate', { skip: missing }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-otlp-tls-'));
  const path = (name: string) => join(folder, name);
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const files = ['-keyout', path('key'), '-out', path('crt')];
  execFileSync(OPENSSL, [...make, ...files, '-subj', '/CN=x', '-addext', 'subjectAltName=DNS:localhost'], {
    stdio: 'ignore',
  });
  const [key, cert] = [readFileSync(path('key')), readFileSync(path('crt'))];
  const seen: string[] = [];
  const server = https.createServer({ key, cert, ca: cert, requestCert: true }, (request, response) => {
    request.resume().on('end', () => {
      const socket = request.socket as unknown as { readonly servername: string; readonly authorized: boolean };
      seen.push(`${request.url} ${socket.servername} ${socket.authorized}`);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const authority = { OTEL_EXPORTER_OTLP_CERTIFICATE: path('crt') };
  const own = { OTEL_EXPORTER_OTLP_CLIENT_KEY: path('key'), OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: path('crt') };
  const known = transportTo(`https://localhost:${port}`, { ...authority, ...own });
  const strangers = [transportTo(`https://localhost:${port}`), transportTo(`https://127.0.0.1:${port}`, authority)];
  t.after(() => {
    for (const transport of [known, ...strangers]) transport.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  assert.deepEqual(await send(known, LARGE), TAKEN);
  assert.deepEqual(await send(known), TAKEN);
  assert.deepEqual(seen, Array(2).fill('/v1/traces localhost true'));
  for (const transport of strangers) assert.equal((await send(transport)).status, 'retry');
  assert.equal(seen.length, 2);
});
