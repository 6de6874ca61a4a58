// The parts of the page's telemetry by themselves: what they compute, and what they send.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InteractionDelay } from './interaction-delay.ts';
import { LayoutShift } from './layout-shift.ts';
import type { PageSettings } from './page-settings.ts';
import { Recorder, sessionIdOf } from './recorder.ts';
import { redactMessage, redactStack } from './redact.ts';
import { formatTraceparent, parseTraceparent } from './trace-context.ts';
import { type FetchingWindow, traceFetches } from './traced-fetch.ts';
import { identifiersOf, urlTemplate } from './url-template.ts';
import { ratingOf } from './web-vitals.ts';
import { type FinishedSpan, type LogRecord, logJson, spanJson } from './wire.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const SETTINGS: PageSettings = {
  collectorUrl: 'http://collector:4318',
  serviceName: 'shop-web',
  serviceVersion: '1',
  route: '/orders/{id}',
  parent: { traceId: TRACE_ID, spanId: SPAN_ID, sampled: true },
};

/** A recorder that keeps what it is told. */
function keeping(settings: PageSettings = SETTINGS) {
  const spans: FinishedSpan[] = [];
  const logs: LogRecord[] = [];
  const sender = {
    addSpan: (span: FinishedSpan) => spans.push(span),
    addLog: (record: LogRecord) => logs.push(record),
  };
  const recorder = new Recorder(settings, sender as never, 'f'.repeat(32));
  return { recorder, spans, logs };
}

test('traceparent: as the specification writes it, nothing else', () => {
  const text = `00-${TRACE_ID}-${SPAN_ID}-01`;
  assert.deepEqual(parseTraceparent(text), SETTINGS.parent);
  assert.equal(formatTraceparent(SETTINGS.parent!), text);
  assert.equal(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-00`)?.sampled, false);
  for (const malformed of [
    '',
    'x',
    text.slice(1),
    text.toUpperCase(),
    `ff${text.slice(2)}`,
    text.replaceAll(SPAN_ID, '0'.repeat(16)),
  ]) {
    assert.equal(parseTraceparent(malformed), undefined, malformed);
  }
});

test('addresses become routes: whatever is no word of a route is an identifier', () => {
  const cases = {
    '/api/orders/': '/api/orders/',
    '/api/orders/0198b1f2-77aa-7d35-a6a1-0f2f3c6a1b11/cook': '/api/orders/{id}/cook',
    '/api/customers/+15550134': '/api/customers/{id}',
    '/api/customers/Ada%20Rossi/notes': '/api/customers/{id}/notes',
    '/assets/menu.Xy12345678.js': '/assets/{file}',
    '/': '/',
  };
  for (const [path, template] of Object.entries(cases)) assert.equal(urlTemplate(path), template);
  const identifiers = identifiersOf('/delivery/tours/{driverId}', '/delivery/tours/enzo');
  assert.equal(urlTemplate('/delivery/tours/enzo/stops', identifiers), '/delivery/tours/{id}/stops');
});

test('messages and stacks lose what somebody may have typed', () => {
  assert.equal(
    redactMessage(`Unexpected token 'Z', "Zenobia" is not valid JSON`),
    `Unexpected token 'Z', "…" is not valid JSON`,
  );
  assert.equal(redactMessage('no +1 (777) 424-2424 and no a.b@c.example'), 'no … and no …');
  assert.equal(redactMessage('GET http://x/orders?name=Zenobia failed'), 'GET http://x/orders failed');
  const stack = 'Error: Zenobia\nof Xanadu\n    at place (http://x/a.js?q=1:3:9)\n    at b (http://x/a.js:1:2)';
  assert.equal(redactStack(stack), '    at place (http://x/a.js:3:9)\n    at b (http://x/a.js:1:2)');
});

describe('web vitals', () => {
  test('layout shifts count by windows: a second of rest or five seconds end one', () => {
    const shift = new LayoutShift();
    assert.equal(shift.value, 0);
    shift.add(100, 0.1);
    shift.add(1_000, 0.2);
    shift.add(2_100, 0.25);
    assert.ok(Math.abs(shift.value - 0.3) < 1e-9);
    const long = new LayoutShift();
    for (let ms = 0; ms <= 5_400; ms += 900) long.add(ms, 0.1);
    assert.ok(Math.abs(long.value - 0.6) < 1e-9, 'the seventh begins a new window');
  });

  test('the interaction that counts is the slowest, one in fifty left out', () => {
    const delay = new InteractionDelay();
    assert.equal(delay.value(), undefined);
    delay.add(0, 900);
    assert.equal(delay.value(), undefined);
    delay.add(1, 48);
    delay.add(1, 120);
    delay.add(2, 300);
    assert.equal(delay.value(), 300);
    assert.equal(delay.value(50), 120);
    for (let id = 3; id < 30; id += 1) delay.add(id, 40);
    assert.equal(delay.value(), 300);
  });

  test('ratings follow the published thresholds, bounds included', () => {
    assert.deepEqual(
      [ratingOf('lcp', 2500), ratingOf('lcp', 2501), ratingOf('lcp', 4001)],
      ['good', 'needs-improvement', 'poor'],
    );
    assert.deepEqual(
      [ratingOf('cls', 0.1), ratingOf('cls', 0.25), ratingOf('cls', 0.26)],
      ['good', 'needs-improvement', 'poor'],
    );
  });
});

describe('fetches', () => {
  const page = (answer: () => Promise<Response>) => {
    const sent: [RequestInfo | URL, RequestInit | undefined][] = [];
    const window: FetchingWindow = {
      fetch: (input, init) => {
        sent.push([input, init]);
        return answer();
      },
      location: { href: 'http://shop:8080/orders/1', origin: 'http://shop:8080', hostname: 'shop', port: '8080' },
      performance: { now: () => 5, timeOrigin: 1_000 },
    };
    return { window, sent };
  };

  test('to our own server carry the context of a span that links to the page', async () => {
    const { recorder, spans } = keeping();
    const { window, sent } = page(async () => new Response(null, { status: 409 }));
    traceFetches(window, recorder);
    await window.fetch('/api/orders/17/cook?who=Ada', { method: 'put', headers: { 'If-Match': '3' } });
    const span = spans[0]!;
    const headers = new Headers(sent[0]![1]!.headers);
    assert.equal(headers.get('if-match'), '3');
    assert.deepEqual(parseTraceparent(headers.get('traceparent')!), {
      traceId: span.traceId,
      spanId: span.spanId,
      sampled: true,
    });
    assert.equal(span.name, 'PUT /api/orders/{id}/cook');
    assert.equal(span.attributes['http.response.status_code'], 409);
    assert.equal(span.failed, true);
    assert.deepEqual(span.links, [{ traceId: TRACE_ID, spanId: recorder.pageSpan.spanId }]);
    assert.doesNotMatch(JSON.stringify(span), /Ada|orders.17/);
  });

  test('to others go out as they are', async () => {
    const { recorder, spans } = keeping();
    const { window, sent } = page(async () => new Response());
    traceFetches(window, recorder);
    const init = { method: 'POST' };
    await window.fetch('http://other:8080/x', init);
    assert.equal(sent[0]![1], init);
    assert.equal(spans.length, 0);
  });

  test('that fail, fail as before', async () => {
    const { recorder, spans } = keeping();
    const { window } = page(() => Promise.reject(new TypeError('Failed to fetch')));
    traceFetches(window, recorder);
    await assert.rejects(window.fetch(new Request('http://shop:8080/api/menu/')), TypeError);
    assert.equal(spans[0]!.attributes['error.type'], 'TypeError');
  });

  test('of a page whose trace the server does not keep say so, and are not sent', async () => {
    const { recorder, spans } = keeping({ ...SETTINGS, parent: { ...SETTINGS.parent!, sampled: false } });
    const { window, sent } = page(async () => new Response());
    traceFetches(window, recorder);
    await window.fetch('/api/menu/');
    assert.match(new Headers(sent[0]![1]!.headers).get('traceparent')!, /-00$/);
    assert.equal(spans.length, 0);
  });
});

test('the page’s trace is the server’s; a page that stands alone begins one and is kept', () => {
  const { recorder } = keeping();
  assert.equal(recorder.pageSpan.traceId, TRACE_ID);
  assert.equal(recorder.parentSpanId, SPAN_ID);
  const alone = keeping({ ...SETTINGS, parent: undefined }).recorder;
  assert.match(alone.pageSpan.traceId, /^[\da-f]{32}$/);
  assert.equal(alone.pageSpan.sampled, true);
});

test('a session lasts as long as the tab’s storage, or as the page where storage is forbidden', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, id: string) => void kept.set(key, id),
  };
  const id = sessionIdOf(() => storage);
  assert.match(id, /^[\da-f]{32}$/);
  assert.equal(
    sessionIdOf(() => storage),
    id,
  );
  const forbidden = () => {
    throw new Error('SecurityError');
  };
  assert.match(sessionIdOf(forbidden), /^[\da-f]{32}$/);
});

test('the wire is OTLP’s JSON: hexadecimal ids, nanoseconds and integers as strings', () => {
  const span = spanJson({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'GET /api/menu/',
    kind: 3,
    startMs: 1_700_000_000_000.5,
    endMs: 1_700_000_000_001,
    attributes: { 'http.response.status_code': 200, ratio: 0.5, left: undefined, ok: true },
    failed: true,
  });
  assert.deepEqual(span, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'GET /api/menu/',
    kind: 3,
    startTimeUnixNano: '1700000000000500000',
    endTimeUnixNano: '1700000000001000000',
    attributes: [
      { key: 'http.response.status_code', value: { intValue: '200' } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'ok', value: { boolValue: true } },
    ],
    status: { code: 2 },
  });
  const { recorder, logs } = keeping();
  recorder.event({
    timeMs: 1,
    severity: 'info',
    eventName: 'browser.web_vital',
    body: { name: 'cls', value: 0.1 },
    attributes: {},
  });
  const record = logJson(logs[0]!) as { body: object; attributes: { key: string }[]; eventName: string };
  assert.equal(record.eventName, 'browser.web_vital');
  assert.deepEqual(record.body, {
    kvlistValue: {
      values: [
        { key: 'name', value: { stringValue: 'cls' } },
        { key: 'value', value: { doubleValue: 0.1 } },
      ],
    },
  });
  assert.deepEqual(
    record.attributes.map(({ key }) => key),
    ['event.name', 'url.template', 'session.id'],
  );
});
