// What a browser is told, case by case as the Collector's CORS library answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { addCors, type CorsConfig } from './cors.ts';

const ORIGIN = 'http://localhost:8080';
const CONFIG: CorsConfig = {
  allowedOrigins: ['http://localhost:*', 'https://Shop.example'],
  allowedHeaders: [],
  exposedHeaders: [],
  maxAgeS: 0,
};

interface Asked {
  readonly config?: Partial<CorsConfig>;
  readonly method?: 'OPTIONS' | 'POST' | 'PUT';
  readonly headers?: Record<string, string>;
}

/** Status and the CORS headers of the answer, without their common beginning. */
async function ask({ config = {}, method = 'OPTIONS', headers = {} }: Asked) {
  const app = Fastify();
  addCors(app, { ...CONFIG, ...config });
  app.route({ method: ['POST', 'PUT'], url: '/v1/traces', handler: async () => ({}) });
  const answer = await app.inject({ method, url: '/v1/traces', headers });
  await app.close();
  const cors = Object.entries(answer.headers)
    .filter(([name]) => name.startsWith('access-control-'))
    .map(([name, value]) => [name.slice('access-control-'.length), value]);
  return { status: answer.statusCode, vary: answer.headers.vary, cors: Object.fromEntries(cors) };
}

const preflight = (more: Record<string, string> = {}) => ({
  origin: ORIGIN,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
  ...more,
});
const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

test('an allowed preflight gets back what it asked for, once', async () => {
  assert.deepEqual(await ask({ headers: preflight(), config: { maxAgeS: 7200 } }), {
    status: 204,
    vary: VARY,
    cors: {
      'allow-origin': ORIGIN,
      'allow-credentials': 'true',
      'allow-methods': 'POST',
      'allow-headers': 'content-type',
      'max-age': '7200',
    },
  });
});

test('a preflight that is not allowed is 204 with no permission in it', async () => {
  const refused: Asked[] = [
    { headers: preflight({ origin: 'http://localhost.evil:1' }) },
    { headers: preflight({ origin: '' }) },
    { headers: preflight({ 'access-control-request-method': 'DELETE' }) },
    { headers: preflight({ 'access-control-request-headers': 'authorization' }) },
    // Not sorted, not lower-case: no browser sends that.
    { headers: preflight({ 'access-control-request-headers': 'content-type,accept' }) },
    { headers: preflight({ 'access-control-request-headers': 'Content-Type' }) },
    // A list of one's own replaces the headers that are allowed without one.
    { headers: preflight(), config: { allowedHeaders: ['traceparent'] } },
  ];
  for (const each of refused) {
    assert.deepEqual(await ask(each), { status: 204, vary: VARY, cors: {} }, JSON.stringify(each));
  }
});

test('origins: upper case does not matter, one wildcard, a star alone is everybody', async () => {
  const allowed = async (origin: string, config: Partial<CorsConfig> = {}) =>
    (await ask({ headers: preflight({ origin }), config })).cors['allow-origin'];
  assert.equal(await allowed('https://shop.EXAMPLE'), 'https://shop.EXAMPLE');
  assert.equal(await allowed('http://localhost:1'), 'http://localhost:1');
  assert.equal(await allowed('http://localhost'), undefined);
  assert.equal(await allowed('https://b.a', { allowedOrigins: ['*'] }), '*');
  assert.equal(await allowed('https://x.b.a', { allowedOrigins: ['https://*.a'] }), 'https://x.b.a');
});

test('headers: those of the configuration in any case, a star is all', async () => {
  const asked = { 'access-control-request-headers': 'content-type,x-tenant' };
  for (const allowedHeaders of [['*'], ['X-Tenant', 'Content-Type']]) {
    const { cors } = await ask({ headers: preflight(asked), config: { allowedHeaders } });
    assert.equal(cors['allow-headers'], 'content-type,x-tenant');
  }
});

test('an actual request is answered whoever asks, and marked for allowed origins', async () => {
  const marked = await ask({
    method: 'POST',
    headers: { origin: ORIGIN },
    config: { exposedHeaders: ['retry-after'] },
  });
  assert.deepEqual(marked, {
    status: 200,
    vary: 'Origin',
    cors: { 'allow-origin': ORIGIN, 'allow-credentials': 'true', 'expose-headers': 'Retry-After' },
  });
  for (const [method, headers] of [
    ['POST', { origin: 'https://evil.example' }],
    ['POST', {}],
    ['PUT', { origin: ORIGIN }],
  ] as const) {
    assert.deepEqual(await ask({ method, headers }), { status: 200, vary: 'Origin', cors: {} });
  }
});

test('without allowed origins nothing is said', async () => {
  const silent = await ask({ method: 'POST', headers: { origin: ORIGIN }, config: { allowedOrigins: [] } });
  assert.deepEqual(silent, { status: 200, vary: undefined, cors: {} });
});
