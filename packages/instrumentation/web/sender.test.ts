// Batches, retries and limits of what a page sends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sender } from './sender.ts';
import type { FinishedSpan, LogRecord } from './wire.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly items: number;
}

/** A sender whose timer and collector are in the test's hand. */
function open(answer: () => number | 'away' = () => 200) {
  const sent: Sent[] = [];
  const timers: { run: () => void; delayMs: number }[] = [];
  const sender = new Sender({
    collectorUrl: 'http://collector:4318',
    resource: { attributes: [] },
    setTimeout: (run, delayMs) => timers.push({ run, delayMs }),
    fetch: async (input, init) => {
      const body = JSON.parse(String(init!.body));
      const items = body.resourceSpans?.[0].scopeSpans[0].spans ?? body.resourceLogs[0].scopeLogs[0].logRecords;
      sent.push({ url: String(input), init: init!, items: items.length });
      const status = answer();
      if (status === 'away') throw new TypeError('Failed to fetch');
      return new Response(null, { status });
    },
  });
  const tick = async () => {
    const { run, delayMs } = timers.shift()!;
    run();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    return delayMs;
  };
  return { sender, sent, timers, tick };
}

const SPAN: FinishedSpan = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 's',
  kind: 1,
  startMs: 1,
  endMs: 2,
  attributes: {},
};
const LOG: LogRecord = {
  timeMs: 1,
  severity: 'info',
  eventName: 'e',
  body: 'b',
  attributes: {},
  traceId: SPAN.traceId,
  spanId: SPAN.spanId,
};

test('what comes in a moment goes out in one request a signal, without cookies', async () => {
  const { sender, sent, timers, tick } = open();
  sender.addSpan(SPAN);
  sender.addSpan(SPAN);
  sender.addLog(LOG);
  assert.equal(timers.length, 1);
  await tick();
  assert.deepEqual(
    sent.map(({ url, items }) => [url, items]),
    [
      ['http://collector:4318/v1/traces', 2],
      ['http://collector:4318/v1/logs', 1],
    ],
  );
  assert.deepEqual([sent[0]!.init.credentials, sent[0]!.init.keepalive], ['omit', false]);
  assert.equal(timers.length, 0);
});

test('a collector that is away gets everything later, asked less and less often', async () => {
  let status: number | 'away' = 'away';
  const { sender, sent, timers, tick } = open(() => status);
  sender.addSpan(SPAN);
  assert.equal(await tick(), 2_000);
  sender.addSpan(SPAN);
  assert.equal(await tick(), 5_000);
  status = 503;
  assert.equal(await tick(), 10_000);
  status = 200;
  assert.equal(await tick(), 20_000);
  assert.deepEqual(
    sent.map(({ items }) => items),
    [1, 2, 2, 2],
  );
  assert.equal(timers.length, 0);
  assert.equal(sender.dropped, 0);
});

test('what the collector refuses for good is not sent again, and is counted', async () => {
  const { sender, timers, tick } = open(() => 400);
  sender.addSpan(SPAN);
  await tick();
  assert.equal(timers.length, 0);
  assert.equal(sender.dropped, 1);
});

test('the queue is bounded: the oldest leave, and are counted', async () => {
  const { sender, sent, tick } = open();
  for (let index = 0; index < 300; index += 1) sender.addSpan(SPAN);
  await tick();
  assert.equal(sent[0]!.items, 256);
  assert.equal(sender.dropped, 44);
});

test('a page that goes sends at once, in requests that outlive it and fit into what browsers allow', () => {
  const { sender, sent } = open();
  for (let index = 0; index < 200; index += 1) sender.addSpan({ ...SPAN, attributes: { text: 'x'.repeat(300) } });
  sender.addLog(LOG);
  sender.flushBeforeLeaving();
  assert.ok(sent.length > 2);
  assert.ok(sent.every(({ init }) => init.keepalive === true && String(init.body).length < 32_000));
  assert.equal(
    sent.reduce((sum, { items }) => sum + items, 0),
    201,
  );
});
