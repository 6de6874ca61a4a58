// What the running pizzeria tells of itself: one trace from the request to the statement, log lines that belong to it,
// every metric of the reference list and no other, and nothing about who the customer is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkEmitted, configureTelemetry, reference, type Telemetry } from '@mario/instrumentation';
import { pizzeriaInstruments } from './pizzeria-instruments.ts';
import { ORDER, type TestPizzeria, testPizzeria } from './test-pizzeria.ts';

/** As much of an ended span as is asked about here. */
interface Span {
  readonly name: string;
  readonly parentSpanContext?: { readonly spanId: string };
  readonly attributes: Record<string, unknown>;
  readonly events: readonly { readonly name: string }[];
  readonly links: readonly { readonly context: { readonly traceId: string } }[];
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

const spans: Span[] = [];
const lines: string[] = [];
let telemetry: Telemetry;
let pizzeria: TestPizzeria;

before(async () => {
  telemetry = configureTelemetry({
    serviceName: 'mario-pizzeria',
    environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void spans.push(span as unknown as Span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const destination = { write: (line: string) => void lines.push(line) };
  pizzeria = await testPizzeria({ instruments: pizzeriaInstruments(telemetry, { destination, level: 'debug' }) });
});
after(async () => {
  await pizzeria.close();
  await telemetry.shutdown();
});

/** Waits for what happens after the response. */
async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within two seconds');
}

test('an order is one trace: request, commands, statements; its log line carries the trace’s id', async () => {
  const placed = await pizzeria.call('POST', '/api/orders/', ORDER);
  assert.equal(placed.status, 201);

  const server = await eventually(() => spans.find((span) => span.name === 'POST /api/orders/'));
  const { traceId } = server.spanContext();
  // The test's own fetch is traced as well: its span is the caller's.
  const caller = await eventually(() => spans.find((span) => span.attributes['url.full'] !== undefined));
  assert.equal(caller.spanContext().traceId, traceId, 'the caller’s trace goes on');
  const trace = spans.filter((span) => span.spanContext().traceId === traceId);
  const childOf = (span: Span, parent: Span) => span.parentSpanContext?.spanId === parent.spanContext().spanId;
  const place = trace.find((span) => span.name === 'PlaceOrderCommand')!;
  assert.ok(childOf(place, server));
  assert.ok(childOf(trace.find((span) => span.name === 'ConfirmOrderCommand')!, server));
  const statements = trace.filter((span) => childOf(span, place)).map((span) => span.name);
  for (const statement of ['BEGIN', 'INSERT orders', 'INSERT outbox', 'COMMIT']) {
    assert.ok(statements.includes(statement), `${statement} in ${statements.join(', ')}`);
  }
  assert.ok(place.events.some((event) => event.name === 'OrderPlaced'));

  const line = lines.find((each) => each.includes('"order placed"'))!;
  assert.equal(JSON.parse(line).trace_id, traceId);

  const handled = await eventually(() => spans.find((span) => span.name === 'OrderPlaced'));
  assert.notEqual(handled.spanContext().traceId, traceId, 'an event is handled in a trace of its own …');
  assert.equal(handled.links[0]?.context.traceId, traceId, '… that links to its cause');
});

test('everything on the reference list is emitted, and nothing else', async () => {
  for (const path of ['/', '/checkout', '/kitchen', '/delivery', '/health', '/api/menu/', '/api/statistics/']) {
    await pizzeria.call('GET', path);
  }
  const id = await pizzeria.order();
  for (const [step, body] of [
    ['cook', undefined],
    ['ready', undefined],
    ['assign', { driverId: 'driver-1' }],
    ['deliver', undefined],
  ] as const) {
    await pizzeria.call('PUT', `/api/orders/${id}/${step}`, body);
  }
  const given = await pizzeria.order();
  await pizzeria.call('PUT', `/api/orders/${given}/cancel`, { reason: 'changed my mind' });
  await pizzeria.call('POST', '/api/orders/', { ...ORDER, items: [] });
  await eventually(() => (spans.some((span) => span.name === 'OrderCancelled') ? true : undefined));
  await eventually(() => (spans.some((span) => span.name === 'OrderDelivered') ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 50));

  const result = checkEmitted(reference, await telemetry.collect());
  assert.deepEqual(result, { unknown: [], missing: [], different: [] });
});

test('the metrics page is what a scrape expects, in both formats', async () => {
  const text = await pizzeria.call('GET', '/api/metrics');
  assert.match(text.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const counted =
    /http_server_duration_milliseconds_count\{(?=[^}]*endpoint="\/api\/orders\/")(?=[^}]*method="POST")(?=[^}]*http_status_code="201")(?=[^}]*app="api-app")/;
  assert.match(text.body, counted);
  for (const app of ['main-app', 'ui-app']) assert.ok(text.body.includes(`app="${app}"`), app);
  const openMetrics = await pizzeria.call('GET', '/api/metrics', undefined, {
    accept: 'application/openmetrics-text; version=1.0.0',
  });
  assert.match(openMetrics.headers.get('content-type')!, /^application\/openmetrics-text/);
  assert.ok(openMetrics.body.endsWith('# EOF\n'));
  assert.match(openMetrics.body, /# \{[^}]*trace_id="/, 'with exemplars');
  const business = /^mario_orders_value_USD_bucket.* # \{[^}]*trace_id="(\w+)"/m.exec(openMetrics.body);
  const handling = spans.find((span) => span.spanContext().traceId === business?.[1]);
  assert.ok(handling, 'what a reaction measures names the trace of the event’s handling, which links to the request');
});

test('who the customer is appears nowhere in the telemetry', async () => {
  const secret = {
    name: 'Zenobia Quince',
    phone: '+1 777 4242424',
    address: '9 Xanadu Heights',
    email: 'zen@quince.example',
  };
  const { body } = await pizzeria.call('POST', '/api/orders/', {
    ...ORDER,
    customer: secret,
    notes: 'the key is under Wotan',
  });
  await pizzeria.call('GET', `/orders/${body.id}`);
  await pizzeria.call('GET', `/api/orders/${body.id}?name=Zenobia`);
  await pizzeria.call('POST', '/api/orders/', { ...ORDER, customer: { ...secret, phone: 'Zenobia' } });
  await pizzeria.call('POST', '/api/orders/', { ...ORDER, customer: { ...secret, email: 'Zenobia' } });
  await pizzeria.call('POST', '/api/orders/', `{"customer":{"name":"Zenobia`);
  await eventually(() => (spans.filter((span) => span.name === 'CustomerRegistered').length >= 2 ? true : undefined));

  await assertNothingToldOf(['Zenobia', 'Quince', '4242424', 'Xanadu', 'quince.example', 'Wotan']);
});

test('nor does what an account, its profile and the manager’s queries about people hold', async () => {
  const contact = {
    name: 'Ottavia Blythe',
    phone: '+1 888 6161616',
    address: '4 Elsinore Row',
    email: 'o@blythe.example',
  };
  const credentials = { login: 'ottavia.blythe', password: 'gertrude knits socks' };
  const registered = await pizzeria.call('POST', '/api/auth/register', { ...credentials, ...contact });
  assert.equal(registered.status, 201);
  await pizzeria.call('POST', '/api/auth/register', { ...credentials, ...contact });
  await pizzeria.call('POST', '/api/auth/login', { ...credentials, password: 'gertrude forgot' });
  const session = (answer: { headers: Headers }) => ({ cookie: answer.headers.get('set-cookie')!.split(';')[0]! });
  const own = session(await pizzeria.call('POST', '/api/auth/login', credentials));
  const change = { ...contact, address: '5 Elsinore Row' };
  assert.equal((await pizzeria.call('PUT', '/api/customers/me', change, own)).status, 200);
  await pizzeria.call('PUT', '/api/customers/me', { ...change, phone: 'Ottavia' }, own);
  const { body: order } = await pizzeria.call('POST', '/api/orders/', { ...ORDER, customer: undefined }, own);
  for (const path of [
    '/account',
    '/checkout',
    `/orders/${order.id}`,
    '/api/customers/me',
    '/api/customers/me/orders',
  ]) {
    assert.equal((await pizzeria.call('GET', path, undefined, own)).status, 200, path);
  }
  const told = await (async () => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const { body } = await pizzeria.call('GET', '/api/customers/me/notifications', undefined, own);
      if (JSON.stringify(body).includes(order.id)) return body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the customer was not told');
  })();
  const [notification] = Array.isArray(told) ? told : told.notifications;
  assert.ok((await pizzeria.call('PUT', `/api/notifications/${notification.id}/dismiss`, undefined, own)).status < 300);
  const manager = session(await pizzeria.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' }));
  for (const path of ['/api/statistics/customers', '/manage']) {
    const { status, body } = await pizzeria.call('GET', path, undefined, manager);
    assert.equal(status, 200, path);
    assert.match(typeof body === 'string' ? body : JSON.stringify(body), /Ottavia/, 'the manager sees who it is');
  }
  await assertNothingToldOf(['ttavia', 'lythe', '6161616', 'Elsinore', 'gertrude']);
});

/** Looks through every metric, log line and span so far. */
async function assertNothingToldOf(words: readonly string[]): Promise<void> {
  const metrics = (await pizzeria.call('GET', '/api/metrics')).body;
  const told = [
    metrics,
    ...lines,
    ...spans.map((span) => JSON.stringify([span.name, span.attributes, span.events, span.links])),
  ].join('\n');
  for (const word of words) assert.ok(!told.includes(word), `${word} was told`);
}
