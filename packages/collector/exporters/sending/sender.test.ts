// The sending queue, retries, and what is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogBatch, LogBatchBuilder, PermanentError, RetryableError } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ReadContext } from '../../config/read-context.ts';
import { readConfigText } from '../../testing/read-config.ts';
import { ownMetric, testSettings } from '../../testing/settings.ts';
import { readSending } from './config.ts';
import { Sender } from './sender.ts';

const reader = {
  readConfig: (node: ConfigNode, context: ReadContext) =>
    readSending(node.fields({ timeout: 'used', sending_queue: 'used', retry_on_failure: 'used' }), 5000, context),
};

const batch = new LogBatchBuilder().log({ timeNs: 1n }).log({ timeNs: 2n }).build();

function open(
  config: string,
  send: (batch: LogBatch) => Promise<void>,
  inProcess?: (batch: LogBatch) => Promise<void>,
) {
  const settings = testSettings('otlp_http');
  const read = readConfigText(reader, config);
  assert.deepEqual(read.issues, []);
  const sender = new Sender({
    signal: 'logs',
    config: read.config,
    settings,
    send,
    inProcess: () => inProcess,
    close: async () => {},
    random: () => 0.5,
  });
  const count = (name: string) =>
    ownMetric(settings, `otelcol_exporter_${name}_log_records_total{exporter="otlp_http"}`);
  return { settings, sender, count };
}

test('within the process there is no queue: the batch is handed over and its fate comes back', async () => {
  const { sender, count } = open(
    '',
    () => Promise.reject(new Error('not over the network')),
    async () => {},
  );
  await sender.consume(batch);
  assert.equal(count('sent'), 2);
  const failing = open(
    '',
    async () => {},
    () => Promise.reject(new RetryableError('full')),
  );
  await assert.rejects(failing.sender.consume(batch), RetryableError);
  assert.equal(failing.count('send_failed'), 2);
});

test('a failed attempt is repeated with growing pauses, keeping the delay that was asked for', async () => {
  const times: number[] = [];
  const failures = [
    new RetryableError('away'),
    new RetryableError('later', { retryAfterMs: 20_000 }),
    new Error('odd'),
  ];
  const { settings, sender, count } = open('{sending_queue: {wait_for_result: true}}', async () => {
    times.push(settings.clock.monotonicMs());
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  });
  const sent = sender.consume(batch);
  await settings.clock.advance(0);
  for (let i = 0; i < 60; i++) await settings.clock.advance(1000);
  await sent;
  assert.deepEqual(times, [0, 5000, 25_000, 36_250]);
  assert.equal(count('sent'), 2);
});

test('what is refused for good is not repeated; the time for retries ends', async () => {
  let attempts = 0;
  const refused = open('{sending_queue: {enabled: false}}', async () => {
    attempts++;
    throw new PermanentError('bad');
  });
  await assert.rejects(refused.sender.consume(batch), PermanentError);
  assert.equal(attempts, 1);
  const away = open('{sending_queue: {enabled: false}, retry_on_failure: {max_elapsed_time: 10s}}', () =>
    Promise.reject(new RetryableError('away')),
  );
  const rejected = assert.rejects(away.sender.consume(batch), /no more retries left: away/);
  for (let i = 0; i < 20; i++) await away.settings.clock.advance(1000);
  await rejected;
  assert.equal(away.count('send_failed'), 2);
});

test('a full queue refuses, or makes wait when told so', async () => {
  const releases: (() => void)[] = [];
  const slow = () => new Promise<void>((resolve) => releases.push(resolve));
  const queue = '{sending_queue: {num_consumers: 1, queue_size: 2';
  const { sender, settings, count } = open(`${queue}}}`, slow);
  await sender.consume(batch);
  await sender.consume(batch);
  await assert.rejects(sender.consume(batch), /sending queue is full/);
  assert.equal(count('enqueue_failed'), 2);
  assert.equal(ownMetric(settings, 'otelcol_exporter_queue_size{data_type="logs",exporter="otlp_http"}'), 2);
  const blocking = open(`${queue}, block_on_overflow: true}}`, slow);
  let entered = false;
  await blocking.sender.consume(batch);
  await blocking.sender.consume(batch);
  const third = blocking.sender.consume(batch).then(() => (entered = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(entered, false);
  releases.at(-1)!();
  await third;
});

test('shutting down sends what is queued, without waiting for another retry', async () => {
  let attempts = 0;
  const { sender, settings } = open('{sending_queue: {num_consumers: 1}}', async () => {
    attempts++;
    if (attempts === 1) throw new RetryableError('away');
  });
  await sender.consume(batch);
  await sender.consume(batch);
  await settings.clock.advance(0);
  await sender.shutdown();
  assert.equal(attempts, 3);
  await assert.rejects(sender.consume(batch), RetryableError);
});
