import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConfigIssues, NetworkMap, readYamlText, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import Fastify from 'fastify';
import { openMetricsService } from '../../service/open-metrics-service.ts';
import { addApiRoutes } from '../routes.ts';
import type { ApiSources } from '../sources.ts';
import { ENDPOINTS, TAGS } from './endpoints.ts';
import { openApiDocument } from './openapi-document.ts';
import { toYaml } from './yaml.ts';

async function start(t: TestContext): Promise<string> {
  const service = await openMetricsService({
    config: { yaml: '' },
    directory: openMemoryDirectory(),
    clock: new FakeClock(0),
    log: silentLog,
    network: new NetworkMap(),
    host: '127.0.0.1',
    port: 0,
    portOffset: 0,
  });
  t.after(() => service.close());
  return service.addresses[0]!;
}

/** Any YAML as plain data. */
function plain(text: string): unknown {
  const issues = new ConfigIssues();
  const node = readYamlText(text, 'openapi.yaml', { issues });
  assert.deepEqual(issues.all, []);
  return node?.raw();
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

test('every path below /api/v1 is described, with its methods, and nothing else', async (t) => {
  const registered = new Map<string, Set<string>>();
  const app = Fastify();
  app.addHook('onRoute', ({ url, method }) => {
    const path = /^\/api\/v1(\/.*)$/.exec(url)?.[1]?.replace(/:(\w+)/g, '{$1}');
    if (path === undefined || path === '/openapi.yaml') return;
    const methods = registered.get(path) ?? new Set();
    registered.set(path, methods);
    for (const each of [method].flat()) if (each !== 'HEAD' && each !== 'DELETE') methods.add(each.toLowerCase());
  });
  addApiRoutes(app, {} as ApiSources);
  const intake = ['/read', '/write', '/otlp/v1/metrics'];
  for (const path of intake) registered.set(path, new Set(['post']));
  assert.deepEqual(Object.keys(ENDPOINTS).sort(), [...registered.keys()].sort());
  assert.ok(Object.values(ENDPOINTS).every(({ tag }) => tag in TAGS));

  const url = await start(t);
  const response = await fetch(`${url}/api/v1/openapi.yaml?openapi_version=3.2`);
  assert.equal(response.headers.get('content-type'), 'application/yaml; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
  const { openapi, servers, paths } = plain(await response.text()) as Document;
  assert.deepEqual([openapi, servers], ['3.2.0', [{ url: `${url}/api/v1` }]]);
  for (const [path, methods] of registered) {
    const described = Object.keys(paths[path]!).filter((key) => key !== 'parameters');
    assert.deepEqual(described.sort(), [...methods].sort(), path);
  }
  const older = plain(await (await fetch(`${url}/api/v1/openapi.yaml`)).text()) as Document;
  assert.equal(older.openapi, '3.1.0');
  assert.deepEqual(
    Object.keys(paths).filter((path) => !(path in older.paths)),
    ['/notifications/live'],
  );
});

test('required parameters are those without which a request is refused', async (t) => {
  const url = await start(t);
  for (const [path, { parameters, data }] of Object.entries(ENDPOINTS)) {
    if (data === 'none' || path.startsWith('/admin')) continue;
    const response = await fetch(`${url}/api/v1${path.replace('{name}', 'job')}`);
    await response.arrayBuffer();
    const needed = parameters.some(({ required }) => required === true);
    assert.equal(response.status === 400, needed, `${path} without parameters gives ${response.status}`);
  }
});

test('the text is the document, and identifiers come once', () => {
  const options = { openapi: '3.2.0', version: '1', serverUrl: 'http://x/api/v1', hasRoute: () => true } as const;
  const document = openApiDocument(options);
  assert.deepEqual(plain(toYaml(document)), document);
  const ids = [...toYaml(document).matchAll(/operationId: (.*)/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});
