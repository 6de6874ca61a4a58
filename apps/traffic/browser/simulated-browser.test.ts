// A visit with a browser: what the collector is told of its pages, by the code that runs in the real ones.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Pace } from '../pace.ts';
import type { Answer, PizzeriaApi, RequestHeaders } from '../pizzeria-client.ts';
import { randomOf } from '../random.ts';
import { CollectorDoor } from './collector-door.ts';
import { SimulatedBrowser } from './simulated-browser.ts';

const BASE_URL = 'http://pizzeria.example';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly kind?: number;
  readonly links?: readonly { readonly traceId: string }[];
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

let spans: Sent[] = [];
let logs: Sent[] = [];
let preflights = 0;
let allowed = BASE_URL;
const collector = createServer(async (request, response) => {
  response.setHeader('access-control-allow-origin', allowed);
  if (request.method === 'OPTIONS') preflights += 1;
  else {
    assert.equal(request.headers.origin, BASE_URL);
    take(JSON.parse(await textOf(request)));
  }
  response.end('{}');
});
let collectorUrl = '';

before(async () => {
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  collectorUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
after(() => {
  collector.closeAllConnections();
  collector.close();
});
beforeEach(() => {
  [spans, logs, preflights, allowed] = [[], [], 0, BASE_URL];
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

// biome-ignore lint/suspicious/noExplicitAny: what was sent is checked by the assertions.
function take(body: any): void {
  const attributesOf = (list: { key: string; value: Record<string, unknown> }[]) =>
    Object.fromEntries(
      list.map(({ key, value }) => [key, value.stringValue ?? value.doubleValue ?? Number(value.intValue)]),
    );
  const read = (each: { eventName?: string; attributes: never }) => ({
    name: each.eventName,
    ...each,
    attributes: attributesOf(each.attributes),
  });
  for (const { scopeSpans } of body.resourceSpans ?? []) spans.push(...scopeSpans[0].spans.map(read));
  for (const { scopeLogs } of body.resourceLogs ?? []) logs.push(...scopeLogs[0].logRecords.map(read));
}

/** Time that is over as soon as somebody waits. */
const AT_ONCE: Pace = {
  signal: new AbortController().signal,
  nowMs: () => Date.now(),
  realMs: (ms) => ms,
  wait: async () => true,
};

class StubHouse implements PizzeriaApi {
  readonly seen: { method: string; path: string; headers: RequestHeaders }[] = [];
  status = 200;

  get = <T>(path: string, headers: RequestHeaders = {}) => this.#answer<T>('GET', path, headers);
  put = <T>(path: string, _body?: object, headers: RequestHeaders = {}) => this.#answer<T>('PUT', path, headers);
  post = <T>(path: string, _body: object | string, headers: RequestHeaders = {}) =>
    this.#answer<T>('POST', path, headers);

  async watch(): Promise<void> {}

  async #answer<T>(method: string, path: string, headers: RequestHeaders): Promise<Answer<T>> {
    this.seen.push({ method, path, headers });
    if (path.startsWith('/api/')) return { status: this.status, body: { id: 7 } as T };
    const route = path.replace(/^\/orders\/.*/, '/orders/{id}');
    const text = `<head><link rel="stylesheet" href="/assets/pizzeria.x1.css"><meta name="otlp-url" content="${collectorUrl}">
      <meta name="otel-service-name" content="shop-web"><meta name="otel-route" content="${route}">
      <meta name="traceparent" content="00-${TRACE_ID}-b7ad6b7169203331-01"></head>`;
    return { status: 200, body: undefined, text };
  }
}

function openBrowser(seed: number, otlpUrl?: string) {
  const house = new StubHouse();
  const door = new CollectorDoor(BASE_URL, otlpUrl);
  const browser = new SimulatedBrowser({
    api: house,
    baseUrl: BASE_URL,
    pace: AT_ONCE,
    random: randomOf(seed),
    collector: door,
  });
  const visit = async () => {
    await browser.get('/');
    await browser.get('/checkout');
    await browser.post('/api/orders/', { items: [] }, { 'idempotency-key': 'k' });
    await browser.get('/orders/0198b1f2-77aa-7d35-a6a1-0f2f3c6a1b11');
    browser.close();
    await door.drained();
  };
  return { house, visit, browser, door };
}

const vitals = () =>
  logs.map(({ attributes }) => [
    attributes['url.template'],
    attributes['browser.web_vital.name'],
    attributes['browser.web_vital.value'],
  ]);

test('each page tells its load and its vitals, each fetch its span, and the house gets its context', async () => {
  const { house, visit } = openBrowser(3);
  await visit();
  const loads = spans.filter(({ name }) => name.startsWith('documentLoad'));
  assert.deepEqual(loads.map(({ name }) => name).sort(), [
    'documentLoad /',
    'documentLoad /checkout',
    'documentLoad /orders/{id}',
  ]);
  for (const { traceId, parentSpanId } of loads)
    assert.deepEqual([traceId, parentSpanId], [TRACE_ID, 'b7ad6b7169203331']);
  assert.ok(spans.some(({ name }) => name.startsWith('resourceFetch')));
  const [fetched] = spans.filter(({ kind }) => kind === 3);
  assert.equal(fetched?.name, 'POST /api/orders/');
  assert.equal(fetched.links?.[0]?.traceId, TRACE_ID);
  const order = house.seen.find(({ path }) => path === '/api/orders/')!;
  assert.equal(order.headers['idempotency-key'], 'k');
  assert.match(order.headers.traceparent!, new RegExp(`^00-${fetched.traceId}-[0-9a-f]{16}-01$`));
  const named = new Set(vitals().map(([route, name]) => `${route} ${name}`));
  for (const route of ['/', '/checkout', '/orders/{id}']) {
    for (const name of ['ttfb', 'fcp', 'lcp', 'cls']) assert.ok(named.has(`${route} ${name}`), `${route} ${name}`);
  }
  assert.ok(named.has('/ inp') && named.has('/checkout inp') && !named.has('/orders/{id} inp'));
  const sessions = new Set([...spans, ...logs].map(({ attributes }) => attributes['session.id']));
  assert.equal(sessions.size, 1, 'one tab is one session');
  assert.equal(preflights, 2, 'once for each address');
});

test('the same seed has the same device and the same luck; what the server took is measured', async () => {
  const settled = () =>
    vitals()
      .filter(([, name]) => name === 'cls' || name === 'inp')
      .sort();
  await openBrowser(5).visit();
  const first = settled();
  logs = [];
  await openBrowser(5).visit();
  assert.deepEqual(settled(), first);
  logs = [];
  await openBrowser(6).visit();
  assert.notDeepEqual(settled(), first);
});

test('a house that does not answer is an error of the fetch; a refused one is a failed span', async () => {
  const { house, browser, door } = openBrowser(3);
  await browser.get('/');
  for (const status of [0, 422]) {
    house.status = status;
    assert.equal((await browser.post('/api/orders/', {})).status, status);
  }
  browser.close();
  await door.drained();
  const errors = spans.filter(({ kind }) => kind === 3).map(({ attributes }) => attributes['error.type']);
  assert.deepEqual(errors, ['TypeError', '422']);
});

test('a collector that does not want the origin gets nothing, and the visit goes on', async () => {
  allowed = 'http://elsewhere.example';
  const { visit, house } = openBrowser(3);
  await visit();
  assert.deepEqual([spans.length, logs.length, house.seen.length], [0, 0, 4]);
});

test('browsers that are elsewhere than those of the pages ask the collector at its other address', async () => {
  const named = collectorUrl;
  collectorUrl = 'http://127.0.0.1:9';
  const { house, visit } = openBrowser(3, named);
  await visit();
  collectorUrl = named;
  assert.ok(house.seen.length === 4 && spans.length > 0 && logs.length > 0);
});
