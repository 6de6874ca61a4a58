import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnMetrics } from '@mario/service';
import { noNeedles } from '../logql/evaluation/log-source.ts';
import { labelsObject, labelsOf } from '../logql/labels.ts';
import { openTestStore, timelessLimits } from '../testing/open-store.ts';
import { Distributor } from './distributor.ts';

async function arrive(
  labels: Record<string, string>,
  line: string,
  metadata: Record<string, string> = {},
): Promise<{ labels: object; metadata: object }> {
  const store = await openTestStore();
  const distributor = new Distributor(store, timelessLimits, new OwnMetrics());
  await distributor.push([{ labels: labelsOf(labels), entries: [{ timeNs: 1n, line, metadata: labelsOf(metadata) }] }]);
  const [block] = await store.select({ matchers: [], startNs: 0n, endNs: 10n });
  const entries = (await block!.read(noNeedles))!;
  await store.close();
  return { labels: labelsObject(block!.stream.labels), metadata: labelsObject(entries.metadata(0)) };
}

test('a stream gets the name of its service', async () => {
  assert.deepEqual((await arrive({ app: 'x', job: 'y' }, '')).labels, { app: 'x', job: 'y', service_name: 'x' });
  assert.deepEqual((await arrive({ other: 'x' }, '')).labels, { other: 'x', service_name: 'unknown_service' });
  assert.deepEqual((await arrive({ app: 'x', service_name: 'mine' }, '')).labels, { app: 'x', service_name: 'mine' });
});

test('the level is detected: label, metadata, severity number, line', async () => {
  const level = async (...args: Parameters<typeof arrive>): Promise<unknown> =>
    ((await arrive(...args)).metadata as Record<string, string>).detected_level;
  // What the real Loki 3.7.8 says of the same entries.
  assert.equal(await level({ a: 'b', level: 'warn' }, 'x', { severity_number: '17', severity_text: 'INFO' }), 'warn');
  assert.equal(await level({ a: 'b' }, 'error', { severity_number: '17', severity_text: 'INFO' }), 'info');
  assert.equal(await level({ a: 'b' }, 'error', { severity_text: 'Weird' }), 'Weird');
  assert.equal(await level({ a: 'b' }, 'debug', { severity_number: '17' }), 'error');
  assert.equal(await level({ a: 'b' }, 'error', { severity_number: '0' }), 'unknown');
  assert.equal(await level({ a: 'b' }, 'error', { severity_number: 'q' }), 'info');
  assert.equal(await level({ a: 'b', level: 'WARNING' }, 'error'), 'warn');
  assert.equal(await level({ a: 'b' }, '{"msg":"x","level":"Debug"}'), 'debug');
  assert.equal(await level({ a: 'b' }, 'ts=1 level=err msg=x'), 'error');
  assert.equal(await level({ a: 'b' }, '2026 [FATAL] gone'), 'fatal');
  assert.equal(await level({ a: 'b' }, 'level=foo then error here'), 'error');
  assert.equal(await level({ a: 'b' }, '{"level":"foo","msg":"an error "}'), 'error');
  assert.equal(await level({ a: 'b' }, 'GET x/error 200'), 'unknown');
  assert.equal(await level({ a: 'b' }, '\u001b[31merror\u001b[0m'), 'unknown');
  assert.equal(await level({ a: 'b' }, 'nothing to see'), 'unknown');
});
