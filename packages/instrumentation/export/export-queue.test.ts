import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { instruments } from '../metrics/registry.ts';
import { ExportBuffer } from './export-buffer.ts';
import { ExporterMetrics } from './export-metrics.ts';
import { ExportQueue, type RetryPolicy } from './export-queue.ts';
import type { SendResult, Transport } from './transport.ts';

const RETRY: RetryPolicy = { initialMs: 1, factor: 1, maxMs: 1 };
const SUCCESS: SendResult = { status: 'success', rejected: 0, message: '' };
const AWAY: SendResult = { status: 'retry', afterMs: undefined, message: 'away' };

class FakeTransport implements Transport {
  readonly description = 'fake';
  readonly received: string[] = [];
  readonly gzipped: boolean[] = [];
  results: SendResult[] = [];
  closed = false;

  async send(body: Uint8Array, gzipped: boolean): Promise<SendResult> {
    await new Promise((resolve) => setImmediate(resolve));
    const result = this.results.shift() ?? SUCCESS;
    if (result.status === 'success') {
      this.received.push((gzipped ? gunzipSync(body) : Buffer.from(body)).toString());
      this.gzipped.push(gzipped);
    }
    return result;
  }

  close(): void {
    this.closed = true;
  }
}

let transport: FakeTransport;
let buffer: ExportBuffer;

beforeEach(() => {
  instruments.reset();
  transport = new FakeTransport();
  buffer = new ExportBuffer(1_000_000);
});

function queueOf(options: { gzip?: boolean; joinable?: boolean } = {}): ExportQueue {
  return new ExportQueue(transport, buffer, new ExporterMetrics('traces', 'grpc'), { retry: RETRY, ...options });
}

async function exportedSpans(): Promise<Record<string, number>> {
  const { resourceMetrics } = await instruments.collect();
  const metric = resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === 'otel.sdk.exporter.span.exported');
  return Object.fromEntries(
    (metric?.dataPoints ?? []).map((point) => [point.attributes['error.type'] ?? 'ok', point.value as number]),
  );
}

describe('a queue', () => {
  test('gives bytes back when they have arrived, and not those that were compressed meanwhile', async () => {
    const queue = queueOf();
    const released: string[] = [];
    const release = (body: Uint8Array) => released.push(Buffer.from(body).toString());
    queue.add(Buffer.from('first'), 1, release);
    assert.deepEqual(released, [], 'it is still being sent');
    assert.equal(await queue.flush(1_000), true);
    assert.deepEqual(released, ['first']);

    transport.results = [AWAY];
    queue.add(Buffer.from('second'), 1, release);
    assert.equal(await queue.flush(1_000), true);
    assert.equal(transport.received.at(-1), 'second');
    assert.ok(released.length === 1 || !transport.gzipped.at(-1), 'compressed bytes are not the encoder’s');
  });

  test('sends in order and gives the memory back', async () => {
    const queue = queueOf();
    for (const body of ['a', 'b', 'c']) queue.add(Buffer.from(body), 2);
    assert.equal(await queue.flush(1_000), true);
    assert.deepEqual(transport.received, ['a', 'b', 'c']);
    assert.equal(buffer.bytes, 0);
    assert.deepEqual(await exportedSpans(), { ok: 6 });
  });

  test('keeps what could not be sent, compresses what waits, and sends all of it in order', async () => {
    const queue = queueOf();
    transport.results = Array.from({ length: 100_000 }, () => AWAY);
    const bodies = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(5_000));
    for (const body of bodies) queue.add(Buffer.from(body), 1);
    while (buffer.bytes > 20_000) await new Promise((resolve) => setTimeout(resolve, 1));
    transport.results = [];
    assert.equal(await queue.flush(2_000), true);
    assert.deepEqual(transport.received, bodies);
    assert.equal(buffer.bytes, 0);
    assert.deepEqual(await exportedSpans(), { ok: 10 });
  });

  test('sends what has waited together, and alone when that is refused', async () => {
    const queue = queueOf({ joinable: true });
    const refused: SendResult = { status: 'failure', errorType: '400', message: 'one is bad' };
    transport.results = Array.from({ length: 100_000 }, () => AWAY);
    for (const body of ['a', 'b', 'c', 'd']) queue.add(Buffer.from(body), 1);
    // Four characters take 4 bytes as they are and 84 compressed: then all of them can go together.
    while (buffer.bytes < 84) await new Promise((resolve) => setTimeout(resolve, 1));
    transport.results = [refused, refused];
    await queue.flush(1_000);
    assert.deepEqual(transport.received, ['b', 'c', 'd']);
    transport.results = Array.from({ length: 100_000 }, () => AWAY);
    for (const body of ['e', 'f', 'g']) queue.add(Buffer.from(body), 1);
    while (buffer.bytes < 63) await new Promise((resolve) => setTimeout(resolve, 1));
    transport.results = [];
    await queue.flush(1_000);
    assert.deepEqual(transport.received.slice(3), ['efg']);
    assert.equal(buffer.bytes, 0);
    assert.deepEqual(await exportedSpans(), { ok: 6, 400: 1 });
  });

  test('joined requests are one request, compressed or not', async () => {
    buffer = new ExportBuffer(10_000_000);
    const queue = queueOf({ joinable: true });
    transport.results = Array.from({ length: 100_000 }, () => AWAY);
    const bodies = Array.from({ length: 500 }, (_, i) => `${i % 10}`.repeat(10_000));
    for (const body of bodies) queue.add(Buffer.from(body), 1);
    while (buffer.bytes > 100_000) await new Promise((resolve) => setTimeout(resolve, 1));
    transport.results = [];
    assert.equal(await queue.flush(2_000), true);
    assert.equal(transport.received.join(''), bodies.join(''));
    assert.ok(transport.received.length < 10, `${transport.received.length} calls`);
    assert.ok(transport.received.every((body) => body.length <= 2 * 1024 * 1024));
    assert.equal(buffer.bytes, 0);
  });

  test('compresses everything when the environment asks for it', async () => {
    const queue = queueOf({ gzip: true });
    queue.add(Buffer.from('spans'), 1);
    await queue.flush(1_000);
    assert.deepEqual(transport.gzipped, [true]);
  });

  test('drops and counts what is refused for good, and goes on', async () => {
    const queue = queueOf();
    transport.results = [{ status: 'failure', errorType: '3', message: 'malformed' }];
    queue.add(Buffer.from('bad'), 4);
    queue.add(Buffer.from('good'), 1);
    await queue.flush(1_000);
    assert.deepEqual(transport.received, ['good']);
    assert.deepEqual(await exportedSpans(), { ok: 1, 3: 4 });
  });

  test('never repeats a partial success and counts what was rejected', async () => {
    const queue = queueOf();
    transport.results = [{ status: 'success', rejected: 3, message: 'too old' }];
    queue.add(Buffer.from('x'), 10);
    await queue.flush(1_000);
    assert.deepEqual(transport.received, ['x']);
    assert.deepEqual(await exportedSpans(), { ok: 7, rejected: 3 });
  });

  test('drops the oldest when the buffer is full, and counts it', async () => {
    buffer = new ExportBuffer(2_500);
    const queue = queueOf();
    transport.results = Array.from({ length: 1_000 }, () => AWAY);
    // Random bytes do not shrink.
    for (let i = 0; i < 5; i += 1) queue.add(crypto.getRandomValues(new Uint8Array(1_000)), 1);
    assert.ok(buffer.bytes <= 2_500);
    assert.equal((await exportedSpans()).queue_full, 3);
    await queue.close(0);
    assert.equal(buffer.bytes, 0);
    assert.deepEqual(await exportedSpans(), { ok: 0, queue_full: 3, shutdown: 2 });
  });

  test('a flush does not wait for ever, a close counts what is left', async () => {
    const queue = queueOf();
    transport.results = Array.from({ length: 10_000 }, () => AWAY);
    queue.add(Buffer.from('x'), 5);
    assert.equal(await queue.flush(10), false);
    await queue.close(5);
    await queue.close(5);
    assert.equal(transport.closed, true);
    queue.add(Buffer.from('late'), 1);
    assert.equal((await exportedSpans()).shutdown, 6);
  });
});
