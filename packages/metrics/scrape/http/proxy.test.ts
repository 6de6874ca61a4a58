import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NetworkMap } from '@mario/service';
import { freePort } from '@mario/service/testing';
import { withTemporaryFolder } from '@mario/storage/testing';
import type { HttpClientConfig } from '../../config/http-client-config.ts';
import type { ProxyConfig } from '../../config/proxy-config.ts';
import { createFetch } from '../fetch.ts';
import { proxyFor } from './proxy.ts';

const CLIENT: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
  tls: undefined,
  followRedirects: true,
  headers: [],
};

test('which requests go through which proxy', () => {
  const chosen = (config: Partial<ProxyConfig>, url: string, environment = {}) => {
    const full = { url: 'http://p:3128', noProxy: '', connectHeaders: [], ...config };
    const proxy = proxyFor(full, new URL(url), environment);
    return proxy === undefined ? 'directly' : `${proxy.host}:${proxy.port}`;
  };
  assert.equal(chosen({}, 'http://127.0.0.1:1/'), 'p:3128', 'without exceptions all, loopback too');
  const noProxy = 'x.org, .sub.net,10.0.0.0/8,[fd00::1]:80,host.io:8080,fe80::/10,192.168.1.7,*.star.dev';
  const directly = [
    'http://localhost/',
    'http://127.3.2.1/',
    'http://[::1]:9/',
    'http://x.org/',
    'https://a.X.org/',
    'http://a.sub.net/',
    'http://10.200.1.1:9100/',
    'http://[fd00::1]/',
    'http://host.io:8080/',
    'http://a.host.io:8080/',
    'http://[fe80::7]/',
    'http://192.168.1.7:1/',
    'http://a.star.dev/',
  ];
  const through = [
    'http://ax.org/',
    'http://sub.net/',
    'http://11.0.0.1/',
    'http://[fd00::1]:81/',
    'http://host.io/',
    'http://192.168.1.8/',
    'http://[fd00::2]/',
    'https://star.dev/',
  ];
  for (const url of directly) assert.equal(chosen({ noProxy }, url), 'directly', url);
  for (const url of through) assert.equal(chosen({ noProxy }, url), 'p:3128', url);
  assert.equal(chosen({ noProxy: '*' }, 'http://a/'), 'directly');
  const environment = { HTTP_PROXY: 'one', https_proxy: 'http://u:p@two:8', NO_PROXY: 'no.org' };
  const env = { url: undefined };
  assert.equal(chosen(env, 'http://a/', environment), 'one:80');
  assert.equal(chosen(env, 'https://a/', environment), 'two:8');
  assert.equal(chosen(env, 'https://no.org/', environment), 'directly');
  assert.equal(chosen(env, 'https://localhost/', environment), 'directly');
  assert.equal(chosen(env, 'http://a/'), 'directly');
  assert.throws(() => chosen(env, 'http://a/', { HTTP_PROXY: 'socks5://s:1' }), /socks5 is not supported/);
});

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

/** A proxy that notes what it is told and reaches everything at `port`. */
async function startProxy(t: TestContext, port: number) {
  const told: string[] = [];
  const server = createServer((request, response) => {
    told.push(
      `${request.method} ${request.url} host ${request.headers.host} as ${request.headers['proxy-authorization']}`,
    );
    response.end(`from ${new URL(request.url!).pathname}`);
  });
  server.on('connect', (request, socket) => {
    told.push(`CONNECT ${request.url} as ${request.headers['proxy-authorization']}, ${request.headers['x-why']}`);
    if (request.url!.startsWith('forbidden')) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const target = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const each of [target, socket]) each.on('error', () => socket.destroy());
    t.after(() => target.destroy());
  });
  return { told, url: `http://me:s%40crt@127.0.0.1:${await listen(t, server)}` };
}

function asking(proxy: ProxyConfig, tls?: HttpClientConfig['tls'], network = new NetworkMap()) {
  const fetch = createFetch(network);
  return async (url: string) => {
    const client = { ...CLIENT, tls, proxy };
    const signal = new AbortController().signal;
    const { body } = await fetch({ url, headers: {}, timeoutMs: 5000, bodyBytesMax: 0, client, signal });
    return Buffer.from(body).toString();
  };
}

const PASSWORD = `Basic ${Buffer.from('me:s@crt').toString('base64')}`;

test('plain requests are asked of the proxy with their whole URL, over one connection', async (t) => {
  const { told, url } = await startProxy(t, 0);
  const network = new NetworkMap();
  const ask = asking({ url, noProxy: '', connectHeaders: [] }, undefined, network);
  assert.equal(await ask('http://target.test:9100/metrics?a=b'), 'from /metrics');
  assert.equal(await ask('http://other.test/x'), 'from /x');
  assert.deepEqual(told, [
    `GET http://target.test:9100/metrics?a=b host target.test:9100 as ${PASSWORD}`,
    `GET http://other.test/x host other.test as ${PASSWORD}`,
  ]);
  const port = await listen(
    t,
    createServer((_, response) => response.end('in this process')),
  );
  network.register('inside:9090', { host: '127.0.0.1', port });
  assert.equal(await ask('http://inside:9090/'), 'in this process');
});

test('a proxy that is not there is named in the words of the real server', async () => {
  const port = await freePort();
  const ask = asking({ url: `http://127.0.0.1:${port}`, noProxy: '', connectHeaders: [] });
  const refused = new RegExp(`proxyconnect tcp: dial tcp 127.0.0.1:${port}: connect: connection refused$`);
  await assert.rejects(ask('http://target.test/'), refused);
  await assert.rejects(ask('https://target.test/'), refused);
});

const OPENSSL = '/usr/bin/openssl';

test(
  'TLS goes through the proxy untouched, behind CONNECT',
  {
    skip: existsSync(OPENSSL) ? false : 'skipped: openssl is not installed',
  },
  (t) =>
    withTemporaryFolder(async (folder) => {
      const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'crt')];
      const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
      const names = ['-subj', '/CN=t', '-addext', 'subjectAltName=DNS:target.test'];
      execFileSync(OPENSSL, [...make, '-keyout', keyFile, '-out', certFile, ...names], { stdio: 'ignore' });
      const options = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
      const big = 'x'.repeat(1_000_000);
      const port = await listen(
        t,
        createTlsServer(options, ({ url }, response) => response.end(url === '/big' ? big : 'safe')),
      );
      const { told, url } = await startProxy(t, port);
      const none = { ca: undefined, cert: undefined, certFile: undefined, key: undefined, keyFile: undefined };
      const versions = { minVersion: undefined, maxVersion: undefined, serverName: undefined };
      const tls = { ...none, ...versions, caFile: certFile, insecureSkipVerify: false };
      const ask = asking({ url, noProxy: '', connectHeaders: [['X-Why', 'because']] }, tls);
      assert.equal(await ask('https://target.test/'), 'safe');
      assert.equal(await ask('https://target.test/big'), big);
      assert.deepEqual(told, [`CONNECT target.test:443 as ${PASSWORD}, because`], 'the connection is kept');
      await assert.rejects(ask('https://forbidden.test/'), /Get "https:\/\/forbidden\.test\/": Forbidden$/);
      await assert.rejects(ask('https://other.test/'), /certificate|altnames/);
    }),
);
