import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { openDashboards } from './dashboards-service.ts';

const DATASOURCES = `apiVersion: 1
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    url: http://$STORE_HOST:9090
    isDefault: true
    jsonData: { timeInterval: 15s, text: "$\${__value.raw}" }
    secureJsonData: { token: secret }
`;
const PROVIDERS = `apiVersion: 1
providers:
  - name: p
    folder: Pizzeria
    type: file
    options: { path: /var/lib/grafana/dashboards }
`;

async function provision(t: TestContext, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'dashboards-'));
  t.after(() => rm(root, { recursive: true }));
  const all = {
    'provisioning/datasources/d.yaml': DATASOURCES,
    'provisioning/dashboards/d.yaml': PROVIDERS,
    'dashboards/a.json': JSON.stringify({ uid: 'abc', title: "Mario's Pizzeria: HTTP", tags: ['mario'], panels: [] }),
    'web/index.html': '<!doctype html><title>page</title>',
    'web/assets/app-1234.js': 'console.log(1);'.repeat(200),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

async function start(
  t: TestContext,
  files?: Readonly<Record<string, string>>,
  environment = {},
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const root = await provision(t, files);
  const network = new NetworkMap();
  if (answer !== undefined) {
    const store = createServer(answer).listen(0, '127.0.0.1');
    await once(store, 'listening');
    t.after(() => {
      store.closeAllConnections();
      store.close();
    });
    network.register('store:9090', { host: '127.0.0.1', port: (store.address() as AddressInfo).port });
  }
  const service = await openDashboards({
    clock: systemClock,
    log: silentLog,
    network,
    host: '127.0.0.1',
    portOffset: 0,
    port: 0,
    provisioningDir: join(root, 'provisioning'),
    webRoot: join(root, 'web'),
    directory: openMemoryDirectory(),
    environment: { STORE_HOST: 'store', ...environment },
  });
  t.after(() => service.close());
  return { service, url: service.addresses[0]!, root };
}

const BASIC = { authorization: `Basic ${btoa('admin:admin')}` };

async function login(url: string, password = 'admin') {
  const body = JSON.stringify({ user: 'admin', password });
  return fetch(`${url}/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

test('a login gives a cookie that opens the API; leaving ends it', async (t) => {
  const { url } = await start(t);
  assert.equal((await fetch(`${url}/api/search`)).status, 401);
  const wrong = await login(url, 'wrong');
  assert.equal(wrong.status, 401);
  assert.equal(((await wrong.json()) as { messageId: string }).messageId, 'password-auth.failed');
  const entered = await login(url);
  assert.deepEqual(await entered.json(), { message: 'Logged in', redirectUrl: '/' });
  const setCookie = entered.headers.get('set-cookie')!;
  assert.match(setCookie, /^grafana_session=[\w-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  const cookie = setCookie.split(';')[0]!;
  const user = (await (await fetch(`${url}/api/user`, { headers: { cookie } })).json()) as { login: string };
  assert.equal(user.login, 'admin');
  await fetch(`${url}/logout`, { headers: { cookie }, redirect: 'manual' });
  assert.equal((await fetch(`${url}/api/user`, { headers: { cookie } })).status, 401);
});

test('five wrong passwords block the login', async (t) => {
  const { url } = await start(t);
  for (let i = 0; i < 5; i++) await login(url, 'wrong');
  assert.equal((await login(url)).status, 401);
});

test('the default password is refused through any other address', async (t) => {
  const { url } = await start(t);
  assert.equal((await fetch(`${url}/api/user`, { headers: { ...BASIC, 'x-forwarded-for': '10.0.0.1' } })).status, 403);
  const remote = await start(t, {}, { GF_SECURITY_ADMIN_PASSWORD: 'long enough' });
  const authorization = `Basic ${btoa('admin:long enough')}`;
  assert.equal(
    (await fetch(`${remote.url}/api/user`, { headers: { authorization, 'x-forwarded-for': '10.0.0.1' } })).status,
    200,
  );
});

test('another site cannot act for the user', async (t) => {
  const { url } = await start(t);
  const change = (headers: Record<string, string>) =>
    fetch(`${url}/api/user/password`, {
      method: 'PUT',
      headers: { ...BASIC, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ oldPassword: 'admin', newPassword: 'much better' }),
    });
  assert.equal((await change({ origin: 'http://evil.example' })).status, 403);
  assert.equal((await change({ 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await change({ origin: url })).status, 200);
  assert.equal((await fetch(`${url}/api/user`, { headers: BASIC })).status, 401);
});

test('dashboards and data sources appear in the shapes of Grafana', async (t) => {
  const { url } = await start(t);
  const get = async (path: string) => (await fetch(url + path, { headers: BASIC })).json();
  const [hit] = (await get('/api/search?query=http')) as Record<string, unknown>[];
  assert.equal(hit!.url, '/d/abc/mario-s-pizzeria-http');
  assert.equal(hit!.folderTitle, 'Pizzeria');
  const { meta, dashboard } = (await get('/api/dashboards/uid/abc')) as {
    meta: { slug: string };
    dashboard: { title: string };
  };
  assert.deepEqual([meta.slug, dashboard.title], ['mario-s-pizzeria-http', "Mario's Pizzeria: HTTP"]);
  assert.deepEqual(await get('/api/dashboards/uid/none'), { message: 'Dashboard not found' });
  const [source] = (await get('/api/datasources')) as Record<string, unknown>[];
  assert.equal(source!.url, 'http://store:9090');
  assert.deepEqual(source!.jsonData, { timeInterval: '15s', text: '${__value.raw}' });
  assert.deepEqual(source!.secureJsonFields, { token: true });
  assert.equal(JSON.stringify(source).includes('secret'), false);
  assert.deepEqual(await get('/api/health'), { database: 'ok', version: '0.1.0', commit: 'mario' });
});

test('queries pass through to the store, what writes does not', async (t) => {
  const seen: string[] = [];
  const { url } = await start(t, {}, {}, (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? ''}${request.headers.authorization ?? ''}`);
    request.on('data', (chunk) => seen.push(String(chunk)));
    request.on('end', () =>
      response.writeHead(422, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end('{"status":"error"}'),
    );
  });
  const proxy = `${url}/api/datasources/proxy/uid/prometheus`;
  const answer = await fetch(`${proxy}/api/v1/query`, {
    method: 'POST',
    headers: { ...BASIC, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'query=up',
  });
  assert.equal(answer.status, 422);
  assert.equal(await answer.text(), '{"status":"error"}');
  assert.equal(answer.headers.get('set-cookie'), null);
  await fetch(`${proxy}/api/v1/label/a%2Fb/values?match[]=up`, { headers: BASIC });
  assert.deepEqual(seen, ['POST /api/v1/query ', 'query=up', 'GET /api/v1/label/a%2Fb/values?match[]=up ']);
  assert.equal((await fetch(`${proxy}/api/v1/admin/tsdb/snapshot`, { headers: BASIC })).status, 403);
  assert.equal((await fetch(`${proxy}/api/v1/write`, { method: 'POST', headers: BASIC })).status, 403);
  assert.equal((await fetch(`${proxy}/api/v1/query`)).status, 401);
  assert.equal((await fetch(`${url}/api/datasources/proxy/uid/none/x`, { headers: BASIC })).status, 404);
});

test('silences pass to an Alertmanager and nothing else does; runbooks are files of one folder', async (t) => {
  const seen: string[] = [];
  const source = "  - { name: A, uid: am, type: alertmanager, url: 'http://$STORE_HOST:9090' }\n";
  const { url } = await start(
    t,
    { 'provisioning/datasources/d.yaml': DATASOURCES + source },
    {},
    (request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('{}');
    },
  );
  const id = '11111111-2222-3333-4444-555555555555';
  const ask = async (uid: string, method: string, path: string) =>
    (await fetch(`${url}/api/datasources/proxy/uid/${uid}${path}`, { method, headers: BASIC })).status;
  assert.equal(await ask('am', 'POST', '/api/v2/silences'), 200);
  assert.equal(await ask('am', 'DELETE', `/api/v2/silence/${id}`), 200);
  assert.equal(await ask('am', 'POST', '/api/v2/alerts'), 403);
  assert.equal(await ask('am', 'DELETE', '/api/v2/silence/x'), 403);
  assert.equal(await ask('prometheus', 'POST', '/api/v2/silences'), 403);
  assert.equal(await ask('prometheus', 'DELETE', `/api/v2/silence/${id}`), 403);
  assert.deepEqual(seen, ['POST /api/v2/silences', `DELETE /api/v2/silence/${id}`]);
  for (const name of ['..%2F..%2Fetc%2Fpasswd', 'none', '.hidden'])
    for (const shelf of ['runbooks', 'faults'])
      assert.equal((await fetch(`${url}/api/${shelf}/${name}`, { headers: BASIC })).status, 404, name);
  assert.equal((await fetch(`${url}/api/runbooks/none`)).status, 401);
});

test('a reader who goes away takes the query along; a store that is away is explained', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url } = await start(t, {}, {}, (_request, response) => {
    response.writeHead(200).write('x');
    response.on('close', () => closed.resolve());
  });
  const abort = new AbortController();
  const answer = await fetch(`${url}/api/datasources/proxy/uid/prometheus/api/v1/query?query=up`, {
    headers: BASIC,
    signal: abort.signal,
  });
  assert.equal(answer.status, 200);
  abort.abort();
  await closed.promise;
  const away = await start(t, {
    'provisioning/datasources/d.yaml': DATASOURCES.replace('http://$STORE_HOST:9090', 'http://127.0.0.1:1'),
  });
  const refused = await fetch(`${away.url}/api/datasources/proxy/uid/prometheus/api/v1/query?query=up`, {
    headers: BASIC,
  });
  assert.equal(refused.status, 502);
  assert.match(((await refused.json()) as { message: string }).message, /cannot be reached: nothing listens there/);
});

test('bad files stop the start and are named with line and key', async (t) => {
  const open = (files: Record<string, string>) => start(t, files);
  await assert.rejects(
    open({ 'provisioning/datasources/d.yaml': DATASOURCES.replace('isDefault', 'isDefualt') }),
    /d\.yaml:7: datasources\[0\]\.isDefualt: unknown key, did you mean isDefault\?/,
  );
  await assert.rejects(open({ 'dashboards/b.json': '{\n "title": x }' }), /b\.json:2: .*Unexpected token/);
  await assert.rejects(open({ 'dashboards/b.json': '[]' }), /b\.json:1: a dashboard is a JSON object/);
  await assert.rejects(
    open({ 'dashboards/b.json': '{"uid":"abc","title":"again"}' }),
    /"abc" is the uid of .*a\.json too/,
  );
});

test('pages need a session, files with a hash may be kept for ever', async (t) => {
  const { url } = await start(t);
  const away = await fetch(`${url}/d/abc/slug?from=now-1h`, { redirect: 'manual' });
  assert.equal(away.status, 302);
  assert.equal(away.headers.get('location'), '/login?redirectTo=%2Fd%2Fabc%2Fslug%3Ffrom%3Dnow-1h');
  const page = await fetch(`${url}/d/abc/slug`, { headers: BASIC });
  assert.match(page.headers.get('content-security-policy')!, /script-src 'self';/);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const script = await fetch(`${url}/assets/app-1234.js`, { headers: { 'accept-encoding': 'br' } });
  assert.equal(script.headers.get('content-encoding'), 'br');
  assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal((await fetch(`${url}/assets/../index.html`)).status, 404);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(
    metrics,
    /grafana_http_request_duration_seconds_count\{handler="\/d\/:uid\/:slug",method="GET",status_code="302"\} 1/,
  );
});
