// What a real browser tells the collector about our pages, how it joins what the server tells, and what neither says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configureTelemetry, type Telemetry } from '@mario/instrumentation';
import { launchBrowser, NO_BROWSER, newVisitor } from '@mario/testkit/browser';
import type { Browser, BrowserContext } from 'playwright-core';
import { pizzeriaInstruments } from '../main/pizzeria-instruments.ts';
import { type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';
import { attributeOf, FakeCollector } from './testing/fake-collector.ts';

interface ServerSpan {
  readonly name: string;
  readonly parentSpanContext?: { readonly spanId: string };
  readonly attributes: Record<string, unknown>;
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

const PATIENCE_MS = 10_000;

describe('the pages’ telemetry', { skip: NO_BROWSER }, () => {
  const serverSpans: ServerSpan[] = [];
  const faults: string[] = [];
  const collector = new FakeCollector();
  let telemetry: Telemetry;
  let pizzeria: TestPizzeria;
  let browser: Browser;
  let visitor: BrowserContext;

  before(async () => {
    const otlpUrl = await collector.open();
    telemetry = configureTelemetry({
      serviceName: 'mario-pizzeria',
      environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
      spanProcessors: [
        {
          onStart: () => {},
          onEnd: (span) => void serverSpans.push(span as unknown as ServerSpan),
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    const destination = { write: () => {} };
    const instruments = pizzeriaInstruments(telemetry, { destination }, { otlpUrl, serviceVersion: '1.2.3' });
    pizzeria = await testPizzeria({ instruments });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, faults);
  });
  after(async () => {
    await browser?.close();
    await pizzeria?.close();
    await telemetry?.shutdown();
    await collector.close();
    assert.deepEqual(faults, []);
  });

  /** Browsers send after a moment, and when a page goes. */
  const eventually = async <T>(look: () => T | undefined): Promise<T> => {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (performance.now() > endMs) throw new Error(`it did not happen within ${PATIENCE_MS} ms: ${look}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('a page load is part of the trace of the server that made the page', async () => {
    const page = await visitor.newPage();
    const response = await page.goto(`${pizzeria.address}/kitchen`);
    const policy = response!.headers()['content-security-policy']!;
    assert.match(policy, /connect-src 'self' http:\/\/127\.0\.0\.1:\d+;/, 'one address more, and no other');
    await page.waitForLoadState('load');
    await page.close({ runBeforeUnload: true });
    const load = await eventually(() => collector.spans.find((span) => span.name === 'documentLoad /kitchen'));
    const server = serverSpans.find((span) => span.name === 'GET /kitchen')!;
    assert.equal(load.traceId, server.spanContext().traceId);
    assert.equal(load.parentSpanId, server.spanContext().spanId);
    const parts = collector.spans.filter((span) => span.parentSpanId === load.spanId);
    assert.ok(parts.some((span) => span.name === 'documentFetch /kitchen'));
    assert.ok(parts.some((span) => attributeOf(span, 'browser.resource.name') === 'board.js'));
    assert.match(collector.bodies[0]!, /"service\.name","value":\{"stringValue":"mario-pizzeria-web"/);
  });

  test('a click’s fetch, the server’s answer and its commands are one trace', async () => {
    const page = await visitor.newPage();
    await page.goto(pizzeria.address);
    await page.getByRole('button', { name: 'Add Marinara to the basket' }).click();
    await page.getByRole('link', { name: 'Go to checkout' }).click();
    await page.getByLabel('Name').fill('Zenobia Quince');
    await page.getByLabel('Phone').fill('+1 777 4242424');
    await page.getByLabel('Address').fill('9 Xanadu Heights');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL(/\/orders\//);
    const click = await eventually(() => collector.spans.find((span) => span.name === 'POST /api/orders/'));
    const server = serverSpans.find((span) => span.parentSpanContext?.spanId === click.spanId)!;
    assert.equal(server.spanContext().traceId, click.traceId);
    const command = serverSpans.find((span) => span.name === 'PlaceOrderCommand')!;
    assert.equal(command.spanContext().traceId, click.traceId);
    assert.equal(attributeOf(click, 'http.response.status_code'), 201);
    const load = await eventually(() => collector.spans.find((span) => span.name === 'documentLoad /checkout'));
    assert.equal(click.links?.[0]?.spanId, load.spanId, 'the fetch links to the page it was made on');
    await page.close();
  });

  test('web vitals are events, each once a page, with the session of the tab', async () => {
    const page = await visitor.newPage();
    await page.goto(`${pizzeria.address}/login`);
    await page.getByLabel('Login').click();
    await page.keyboard.type('a');
    await page.goto('about:blank');
    const vitals = () =>
      collector.logs.filter(
        (log) => log.eventName === 'browser.web_vital' && attributeOf(log, 'url.template') === '/login',
      );
    await eventually(() => (vitals().length >= 4 ? true : undefined));
    const names = vitals().map((log) => String(attributeOf(log, 'browser.web_vital.name')));
    for (const name of ['ttfb', 'fcp', 'lcp', 'cls'])
      assert.equal(names.filter((each) => each === name).length, 1, name);
    const sessions = new Set(vitals().map((log) => attributeOf(log, 'session.id')));
    assert.equal(sessions.size, 1);
    await page.close();
  });

  test('an error that nobody catches is told, without what it quotes', async () => {
    const page = await visitor.newPage();
    await page.goto(`${pizzeria.address}/kitchen`);
    await page.evaluate(`void setTimeout(() => JSON.parse('Zenobia Quince'), 0)`);
    const log = await eventually(() => collector.logs.find((each) => each.eventName === 'exception'));
    assert.equal(attributeOf(log, 'exception.type'), 'SyntaxError');
    assert.match(String(attributeOf(log, 'exception.message')), /is not valid JSON/);
    faults.splice(0);
    await page.close();
  });

  test('who the customer is, what was typed, and which order it was leaves the browser only for the house', async () => {
    const page = await visitor.newPage();
    await page.goto(`${pizzeria.address}/register?return=/account`);
    const typed = {
      Login: 'zenobia.quince',
      Password: 'wotan sleeps late',
      Name: 'Zenobia Quince',
      Phone: '+1 777 4242424',
      Address: '9 Xanadu Heights',
      'E-mail': 'zen@quince.example',
    };
    for (const [label, text] of Object.entries(typed)) await page.getByLabel(label).fill(text);
    await page.getByRole('button', { name: 'Open the account' }).click();
    await page.getByRole('heading', { name: /Zenobia/ }).waitFor();
    await page.getByLabel('Address').fill('10 Xanadu Heights');
    await page.getByRole('button', { name: 'Save' }).click();
    const id = await pizzeria.order();
    await page.goto(`${pizzeria.address}/orders/${id}?who=Zenobia`);
    await page.goto(`${pizzeria.address}/`);
    await eventually(() => collector.spans.find((span) => attributeOf(span, 'url.template') === '/orders/{id}'));
    await page.close();
    const told = collector.bodies.join('\n');
    for (const word of ['enobia', 'uince', '4242424', 'Xanadu', 'wotan', id]) {
      assert.ok(!told.includes(word), `${word} was told by the browser`);
    }
    const server = JSON.stringify(serverSpans.map(({ name, attributes }) => [name, attributes]));
    for (const word of ['enobia', 'uince', '4242424', 'Xanadu', 'wotan']) {
      assert.ok(!server.includes(word), `${word} was told by the server`);
    }
  });

  test('a collector that is away changes nothing for the customer', async () => {
    await collector.close();
    const page = await (await newVisitor(browser, faults)).newPage();
    await page.goto(pizzeria.address);
    await page.getByRole('button', { name: 'Add Marinara to the basket' }).click();
    await page.goto(`${pizzeria.address}/checkout`);
    await page.getByLabel('Name').fill('Ada Rossi');
    await page.getByLabel('Phone').fill('+1 555 0134');
    await page.getByLabel('Address').fill('12 Via Toledo');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.getByRole('heading', { name: 'Confirmed' }).waitFor();
    await page.close();
  });
});
