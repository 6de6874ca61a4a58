import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { NetworkMap } from '@mario/service';
import type { HttpClientConfig, Secret } from '../config/http-client-config.ts';
import { createFetch, type FetchRequest } from './fetch.ts';

const NO_SECRET: Secret = { value: undefined, file: undefined };
const CLIENT: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
  tls: undefined,
  followRedirects: true,
  headers: [],
};

async function listen(t: TestContext, server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (t: TestContext, listener: RequestListener) => listen(t, createServer(listener));

function ask(url: string, more: Partial<FetchRequest> = {}): FetchRequest {
  const signal = new AbortController().signal;
  return { url, headers: {}, timeoutMs: 10_000, bodyBytesMax: 0, client: CLIENT, signal, ...more };
}

const textOf = (body: Uint8Array) => Buffer.from(body).toString();

test('bodies come whole over one kept connection, plain, in chunks and packed', async (t) => {
  const big = 'x'.repeat(3_000_000);
  const sockets = new Set<unknown>();
  const port = await serve(t, (request, response) => {
    sockets.add(request.socket);
    response.setHeader('content-type', 'text/plain');
    if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync(big));
    else if (request.url === '/chunks') {
      response.write(big.slice(0, 1_000));
      response.end(big.slice(1_000));
    } else response.end(big);
  });
  const fetch = createFetch(new NetworkMap());
  for (const path of ['/', '/chunks', '/gzip', '/']) {
    const { status, contentType, body, release } = await fetch(ask(`http://127.0.0.1:${port}${path}`));
    assert.deepEqual([status, contentType, body.length], [200, 'text/plain', big.length]);
    assert.equal(textOf(body), big);
    release?.();
    release?.();
  }
  assert.equal(sockets.size, 1);
});

test('a kept connection that the server closed is replaced without a word', async (t) => {
  let count = 0;
  const port = await serve(t, (request, response) => {
    count++;
    response.end(String(count));
    // Closed as soon as the next request comes: the client cannot know before.
    request.socket.once('data', () => request.socket.destroy());
  });
  const fetch = createFetch(new NetworkMap());
  assert.equal(textOf((await fetch(ask(`http://127.0.0.1:${port}/`))).body), '1');
  assert.equal(textOf((await fetch(ask(`http://127.0.0.1:${port}/`))).body), '2');
});

test('the body is limited before and after unpacking; a bomb is not unpacked', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const port = await serve(t, (request, response) => {
    if (request.url === '/bomb') response.setHeader('content-encoding', 'gzip').end(bomb);
    else if (request.url === '/endless') {
      const write = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    } else if (request.url === '/garbage') response.setHeader('content-encoding', 'gzip').end('no gzip at all');
    else response.end('hello');
  });
  const fetch = createFetch(new NetworkMap());
  const url = `http://127.0.0.1:${port}`;
  for (const path of ['/bomb', '/endless'])
    await assert.rejects(fetch(ask(`${url}${path}`, { bodyBytesMax: 100_000 })), {
      message: 'body size limit exceeded',
    });
  await assert.rejects(fetch(ask(`${url}/`, { bodyBytesMax: 4 })), { message: 'body size limit exceeded' });
  assert.equal((await fetch(ask(`${url}/`, { bodyBytesMax: 5 }))).body.length, 5);
  await assert.rejects(fetch(ask(`${url}/garbage`)), /gzip: invalid body/);
});

test('redirects are followed to their end, loops are not, and secrets stay at home', async (t) => {
  const seen: IncomingMessage[] = [];
  const other = await serve(t, (request, response) => {
    seen.push(request);
    response.end('there');
  });
  const port = await serve(t, (request, response) => {
    seen.push(request);
    const to = { '/away': `http://127.0.0.1:${other}/x`, '/near': '/end', '/loop': '/loop', '/ftp': 'ftp://h/' }[
      request.url!
    ];
    if (to === undefined) response.end('end');
    else response.writeHead(302, { location: to }).end('moved');
  });
  const client = {
    ...CLIENT,
    basicAuth: { username: { ...NO_SECRET, value: 'u' }, password: { ...NO_SECRET, value: 'p' } },
  };
  const fetch = createFetch(new NetworkMap());
  const get = (path: string, more = {}) => fetch(ask(`http://127.0.0.1:${port}${path}`, { client, ...more }));
  assert.equal(textOf((await get('/near')).body), 'end');
  assert.deepEqual(
    seen.map(({ headers }) => headers.authorization),
    ['Basic dTpw', 'Basic dTpw'],
  );
  assert.equal(textOf((await get('/away')).body), 'there');
  assert.equal(seen.at(-1)!.headers.authorization, undefined);
  await assert.rejects(get('/loop'), /Get "http:.*\/loop": stopped after 10 redirects/);
  await assert.rejects(get('/ftp'), /unsupported protocol scheme "ftp"/);
  assert.equal((await get('/near', { client: { ...client, followRedirects: false } })).status, 302);
});

test('targets that are away, silent, slow or speak something else: each with its reason, in time', async (t) => {
  const silent = await listen(
    t,
    net.createServer(() => {}),
  );
  const drip = await serve(t, (_, response) => {
    const timer = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(timer));
  });
  const ssh = await listen(
    t,
    net.createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-x\r\n')),
  );
  const short = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('x');
    response.socket!.end();
  });
  const closed = await listen(
    t,
    net.createServer((socket) => socket.on('error', () => {}).end()),
  );
  const fetch = createFetch(new NetworkMap());
  const failure = (port: number, timeoutMs = 10_000) => fetch(ask(`http://127.0.0.1:${port}/`, { timeoutMs }));
  await assert.rejects(failure(silent, 60), /Get "http:[^ ]*": context deadline exceeded$/);
  await assert.rejects(failure(drip, 60), /context deadline exceeded$/);
  await assert.rejects(failure(ssh), /malformed HTTP response "SSH-2.0-x"/);
  await assert.rejects(failure(short), /unexpected EOF/);
  await assert.rejects(failure(closed), /: EOF$/);
  await assert.rejects(fetch(ask(`https://127.0.0.1:${ssh}/`)), /Get "https:/);
  await assert.rejects(fetch(ask('http://no-such-name.invalid/')), /dial tcp: lookup no-such-name.invalid/);
  const aborted = new AbortController();
  const waiting = fetch(ask(`http://127.0.0.1:${silent}/`, { signal: aborted.signal }));
  aborted.abort();
  await assert.rejects(waiting, /context canceled$/);
});

test('a refused connection says where', async (t) => {
  const server = net.createServer();
  const port = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  const refused = createFetch(new NetworkMap())(ask(`http://127.0.0.1:${port}/`));
  await assert.rejects(refused, new RegExp(`dial tcp 127.0.0.1:${port}: connect: connection refused$`));
});

test('headers, tokens of files, of URLs, and by OAuth 2, which is asked once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-fetch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, 'first\n');
  const tokens: string[] = [];
  const port = await serve(t, (request, response) => {
    if (request.url === '/token') {
      let form = '';
      request.on('data', (bytes) => (form += bytes));
      request.on('end', () => {
        tokens.push(`${request.headers.authorization ?? ''} ${form}`);
        // This server wants the secret in the form.
        if (!form.includes('client_secret')) response.writeHead(401).end('no');
        else response.end('{"access_token":"t0k","token_type":"bearer","expires_in":3600}');
      });
    } else
      response.end(
        JSON.stringify({ a: request.headers.authorization, x: request.headers['x-a'], host: request.headers.host }),
      );
  });
  const network = new NetworkMap();
  network.register('app:80', { host: '127.0.0.1', port });
  const fetch = createFetch(network);
  const get = async (client: Partial<HttpClientConfig>, url = 'http://app/') =>
    JSON.parse(textOf((await fetch(ask(url, { client: { ...CLIENT, ...client } }))).body));
  const authorization = { type: 'Bearer', credentials: { ...NO_SECRET, file } };
  assert.deepEqual(await get({ authorization, headers: [{ name: 'x-a', values: ['1', '2'], files: [file] }] }), {
    a: 'Bearer first',
    x: '1, 2, first',
    host: 'app',
  });
  writeFileSync(file, 'second');
  assert.equal((await get({ authorization })).a, 'Bearer second');
  assert.equal((await get({}, 'http://u:p%40@app/')).a, 'Basic dTpwQA==');
  const oauth2 = {
    clientId: 'me',
    clientSecret: { ...NO_SECRET, value: 's' },
    tokenUrl: 'http://app/token',
    scopes: ['a', 'b'],
    endpointParams: { audience: 'x' },
    tls: undefined,
  };
  assert.equal((await get({ oauth2 })).a, 'Bearer t0k');
  assert.equal((await get({ oauth2 })).a, 'Bearer t0k');
  const form = 'grant_type=client_credentials&scope=a+b&audience=x';
  assert.deepEqual(tokens, [`Basic bWU6cw== ${form}`, ` ${form}&client_id=me&client_secret=s`]);
  await assert.rejects(
    get({ authorization: { type: 'Bearer', credentials: { ...NO_SECRET, value: 'a\r\nb: c' } } }),
    /invalid header/,
  );
});

const OPENSSL = '/usr/bin/openssl';
const missing = existsSync(OPENSSL) ? false : 'skipped: openssl is not installed';

test('TLS: authorities, names, client certificates', { skip: missing }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-fetch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  for (const name of ['server', 'client']) {
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}.test`];
    execFileSync(OPENSSL, [...make, ...files, ...names], { stdio: 'ignore' });
  }
  const read = (name: string) => readFileSync(path(name));
  const options = { cert: read('server.crt'), key: read('server.key'), ca: read('client.crt'), requestCert: true };
  const port = await listen(
    t,
    createTlsServer({ ...options, rejectUnauthorized: true }, (_, response) => response.end('safe')),
  );
  const fetch = createFetch(new NetworkMap());
  const NO_TLS = { ca: undefined, cert: undefined, key: undefined, minVersion: undefined, maxVersion: undefined };
  const base = { ...NO_TLS, caFile: path('server.crt'), certFile: path('client.crt'), keyFile: path('client.key') };
  const get = (tls: Partial<typeof base> & { serverName?: string; insecureSkipVerify?: boolean }) => {
    const all = { serverName: undefined, insecureSkipVerify: false, ...base, ...tls };
    return fetch(ask(`https://127.0.0.1:${port}/`, { client: { ...CLIENT, tls: all } }));
  };
  assert.equal(textOf((await get({ serverName: 'server.test' })).body), 'safe');
  assert.equal(textOf((await get({ serverName: 'server.test' })).body), 'safe');
  assert.equal(textOf((await get({ insecureSkipVerify: true })).body), 'safe');
  await assert.rejects(get({ serverName: 'other.test' }), /Hostname\/IP does not match|other\.test/);
  await assert.rejects(
    get({ serverName: 'server.test', caFile: path('client.crt') }),
    /certificate signed by unknown authority/,
  );
});
