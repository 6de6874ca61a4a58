// When batches leave, how large they are, and what their senders learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogBatch, LogBatchBuilder, PermanentError, RetryableError, valueText } from '@mario/otlp';
import { readConfigText } from '../../testing/read-config.ts';
import { ownMetric, testSettings } from '../../testing/settings.ts';
import { batchProcessor } from './batch-processor.ts';

function records(...bodies: string[]): LogBatch {
  const builder = new LogBatchBuilder();
  for (const body of bodies) builder.log({ timeNs: 1n, body });
  return builder.build();
}

function open(config: string, store?: (batch: LogBatch) => Promise<void>) {
  const settings = testSettings('batch');
  const sent: string[][] = [];
  const step = batchProcessor.create('logs', readConfigText(batchProcessor, config).config, settings, async (batch) => {
    sent.push(Array.from({ length: batch.count }, (_, i) => valueText(batch.body, i)));
    await store?.(batch);
  });
  return { settings, sent, step };
}

test('after the timeout everything leaves as one batch, and only then its senders are answered', async () => {
  const { settings, sent, step } = open('timeout: 200ms');
  const answered: string[] = [];
  const one = step.consume(records('a')).then(() => answered.push('one'));
  await settings.clock.advance(100);
  const two = step.consume(records('b', 'c')).then(() => answered.push('two'));
  await settings.clock.advance(99);
  assert.deepEqual([sent, answered], [[], []]);
  await settings.clock.advance(1);
  await Promise.all([one, two]);
  assert.deepEqual(sent, [['a', 'b', 'c']]);
  assert.deepEqual(answered, ['one', 'two']);
  assert.equal(ownMetric(settings, 'otelcol_processor_batch_timeout_trigger_send_total{processor="batch"}'), 1);
  assert.equal(ownMetric(settings, 'otelcol_processor_batch_batch_send_size_sum{processor="batch"}'), 3);
});

test('a full batch leaves at once and is split at the maximum', async () => {
  const { sent, step } = open('{timeout: 10s, send_batch_size: 3, send_batch_max_size: 3}');
  await Promise.all([step.consume(records('a', 'b')), step.consume(records('c', 'd', 'e', 'f', 'g'))]);
  assert.deepEqual(sent, [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
});

test('no timeout means no waiting', async () => {
  const { sent, step } = open('timeout: 0s');
  await step.consume(records('a'));
  assert.deepEqual(sent, [['a']]);
});

test('a failure reaches every sender whose records were in the batch', async () => {
  const error = new RetryableError('disk full');
  const { step } = open('{send_batch_size: 2}', () => Promise.reject(error));
  const results = await Promise.allSettled([step.consume(records('a')), step.consume(records('b'))]);
  assert.deepEqual(
    results.map((result) => result.status === 'rejected' && result.reason),
    [error, error],
  );
});

test('records refused for good do not make the others be sent again', async () => {
  const { step } = open('{send_batch_size: 2}', () => Promise.reject(new PermanentError('bad', { rejected: 1 })));
  await Promise.all([step.consume(records('a')), step.consume(records('b'))]);
  const alone = open('{send_batch_size: 1}', () => Promise.reject(new PermanentError('bad', { rejected: 1 })));
  await assert.rejects(alone.step.consume(records('a', 'b')), PermanentError);
});

test('while the store is slow the rest waits, and beyond the limit is refused', async () => {
  const releases: (() => void)[] = [];
  const { sent, step } = open('{send_batch_size: 1}', () => new Promise((resolve) => releases.push(resolve)));
  const calls = Array.from({ length: 12 }, (_, i) => step.consume(records(String(i))));
  assert.equal(sent.length, 8);
  const builder = new LogBatchBuilder();
  for (let i = 0; i < 200_000; i++) builder.log({ timeNs: 1n });
  await assert.rejects(step.consume(builder.build()), (error) => error instanceof RetryableError && error.exhausted);
  for (const release of releases.splice(0)) release();
  await Promise.all(calls.slice(0, 8));
  await new Promise((resolve) => setImmediate(resolve));
  for (const release of releases.splice(0)) release();
  await Promise.all(calls);
  assert.deepEqual(sent.slice(8), [['8', '9', '10', '11']]);
});

test('shutting down sends what waits and then refuses', async () => {
  const { sent, step } = open('timeout: 10s');
  const call = step.consume(records('a'));
  await step.shutdown();
  await call;
  assert.deepEqual(sent, [['a']]);
  await assert.rejects(step.consume(records('b')), RetryableError);
});

test('configuration', () => {
  const { config, issues } = readConfigText(batchProcessor, '');
  assert.deepEqual([config, issues], [{ timeoutMs: 200, sendBatchSize: 8192, sendBatchMaxSize: 0 }, []]);
  const wrong = readConfigText(batchProcessor, '{send_batch_max_size: 5, timeout: soon}');
  assert.equal(wrong.issues.length, 2);
});
