import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import type { SnapshotOptions } from '../store/store-reader.ts';
import { SelectCourier } from './select-courier.ts';
import { SelectReceiver } from './select-receiver.ts';
import type { SelectedMessage } from './worker-messages.ts';

const LABELS_MAX = 200;
const RETENTION_MS = 3 * 3_600_000;
const START_MS = 1_800_000_000_000;

async function open(t: TestContext) {
  const clock = new FakeClock(START_MS);
  const options = { directory: openMemoryDirectory(), clock, log: silentLog, retentionMs: RETENTION_MS };
  const store = await MetricsStore.open(options);
  t.after(() => store.close());
  const add = async (from: number, to: number) => {
    const rows = new RowCollector();
    for (let i = from; i < to; i++) {
      const instance = String(i).padStart(6, '0');
      rows.add('g', clock.nowMs(), store.ref(Labels.from({ __name__: 'm', instance, job: `j${i % 2}` })), i);
    }
    await store.append({ rows: rows.rows() });
  };
  const courier = new SelectCourier(LABELS_MAX);
  const receiver = new SelectReceiver();
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  /** What a select gives in the worker, and the message that brought it there. */
  const select = async (instance: string, options: SnapshotOptions = {}) => {
    const matchers = [{ name: 'instance', op: '=~', value: instance }] as const;
    const selected = await store.selectSnapshot(matchers, { startMs: START_MS, endMs: clock.nowMs() }, options);
    const expected = selected.labels.map(({ key }) => key);
    const { message, transfer } = courier.pack(1, 1, selected);
    port1.postMessage(message, [...transfer]);
    const received = (receiveMessageOnPort(port2) as { message: SelectedMessage }).message;
    const { labels } = receiver.unpack(received);
    assert.deepEqual(
      labels.map(({ key }) => key),
      expected,
    );
    return { labels, message: received };
  };
  return { add, select, store, clock };
}

test('the same series are the same array in the worker, and cross over once', async (t) => {
  const { add, select } = await open(t);
  await add(0, 10);
  const all = await select('.*');
  assert.equal(all.message.refs?.length, 10);
  const again = await select('.*');
  assert.equal(again.labels, all.labels);
  assert.equal(again.message.refs, null);
  const some = await select('00000[0-4]');
  assert.equal(some.labels.length, 5);
  assert.deepEqual([some.message.refs?.length, some.message.freshLabels.length], [5, 0]);
  assert.equal((await select('.*')).labels, all.labels);

  // A series that comes makes it another array of labels that are mostly known.
  await add(10, 11);
  const more = await select('.*');
  assert.equal(more.labels.length, 11);
  assert.equal(more.message.freshTexts.length, 1);
  assert.equal((await select('.*')).labels, more.labels);
});

test('shares keep their arrays, too', async (t) => {
  const { add, select } = await open(t);
  await add(0, 9);
  const share = (index: number) => select('.*', { share: { index, of: 2 } });
  const [left, right] = [await share(0), await share(1)];
  assert.deepEqual([left.labels.length, right.labels.length], [4, 5]);
  assert.equal((await share(0)).labels, left.labels);
  assert.equal((await share(1)).labels, right.labels);
});

test('a worker forgets when it is to learn too many, not when it is asked for many again', async (t) => {
  const { add, select } = await open(t);
  await add(0, 150);
  assert.equal((await select('.*')).message.forgetLabels, true);
  // Other arrays of series that are all known.
  for (const some of ['0000.*', '000.*']) assert.equal((await select(some)).message.forgetLabels, false);
  await add(150, 210);
  assert.equal((await select('000(15|16|17|18|19|20).')).message.forgetLabels, true);
  assert.equal((await select('00000[0-4]')).labels.length, 5);
});

test('a series that takes the ref of one that has gone is itself in the worker, too', async (t) => {
  const { add, select, store, clock } = await open(t);
  for (let round = 0; round < 20; round++) {
    await add(10 * round, 10 * round + 10);
    const { labels } = await select('.*');
    assert.equal(labels.at(-1)!.get('instance'), String(10 * round + 9).padStart(6, '0'));
    await clock.advance(RETENTION_MS / 3);
    await store.flush();
  }
  assert.ok(store.index.refCount < 200, String(store.index.refCount));
});
