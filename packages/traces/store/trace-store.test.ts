import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RetryableError, traceIdHex } from '@mario/otlp';
import { silentLog, systemClock } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openDiskDirectory, openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import {
  FaultPlan,
  faultDirectory,
  runUntilKilled,
  seededRandom,
  testSeed,
  withTemporaryFolder,
} from '@mario/storage/testing';
import { EPOCH_NS, sampleTrace, sampleTraceId } from '../testing/sample.ts';
import { decodeSpanBlock, encodeSpanBlock } from './span-codec.ts';
import { parseTraceId } from './trace-id.ts';
import { openTraceStore, type TraceStore, type TraceStoreOptions } from './trace-store.ts';

const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

function open(directory: StorageDirectory, options: Partial<TraceStoreOptions> = {}): Promise<TraceStore> {
  return openTraceStore({
    directory,
    clock: new FakeClock(),
    log: silentLog,
    retention: { ageMsMax: 0, sizeBytesMax: 0 },
    memoryBytesMax: 64 * 1024 * 1024,
    ...options,
  });
}

async function spanNames(store: TraceStore, number: number): Promise<string[] | undefined> {
  const trace = await store.traceById(parseTraceId(sampleTraceId(number))!);
  return trace && Array.from({ length: trace.count }, (_, row) => trace.strings[trace.name[row]!]!);
}

async function scanned(store: TraceStore, range = EVERYTHING): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  await store.scan({
    range,
    visit: ({ id, spans }) => {
      const hex = traceIdHex(id, 0);
      assert.ok(!seen.has(hex), 'each trace once');
      seen.set(hex, spans.length);
    },
  });
  return seen;
}

const ALL_NAMES = ['POST /api/orders/', 'PlaceOrderCommand', 'SELECT menu', 'INSERT orders', 'charge'];

describe('trace store', () => {
  test('a block of spans is the same after encoding', () => {
    const batch = sampleTrace(10);
    const copy = decodeSpanBlock(encodeSpanBlock(batch));
    assert.deepEqual([...copy.strings], [...batch.strings]);
    assert.deepEqual(copy.attributes.payload, batch.attributes.payload);
    assert.deepEqual(copy.complex, batch.complex);
    assert.deepEqual(copy.startNs, batch.startNs);
    assert.deepEqual(copy.events.attributes.keys, batch.events.attributes.keys);
    assert.deepEqual(copy.links, { ...batch.links, attributes: copy.links.attributes });
    const bytes = encodeSpanBlock(batch);
    for (let length = 0; length < bytes.length; length += 7) {
      assert.throws(() => decodeSpanBlock(bytes.slice(0, length)), { code: /^MARIO_STORAGE_(CORRUPT|VERSION)/ });
    }
  });

  test('finds traces in the head, in segments, and in parts over both', async () => {
    const store = await open(openMemoryDirectory());
    await store.consumeTraces(sampleTrace(1));
    await store.consumeTraces(sampleTrace(2, 'root'));
    await store.flush();
    assert.equal(store.segmentCount, 1);
    await store.consumeTraces(sampleTrace(2, 'rest'));
    await store.consumeTraces(sampleTrace(3));
    await store.consumeTraces(sampleTrace(3));
    for (const number of [1, 2, 3]) assert.deepEqual(await spanNames(store, number), ALL_NAMES);
    assert.equal(await spanNames(store, 4), undefined);
    const seen = await scanned(store);
    assert.deepEqual([...seen.values()], [5, 5, 5]);
    await store.flush();
    assert.deepEqual([...(await scanned(store)).values()], [5, 5, 5]);
    const fromMs = Number(EPOCH_NS / 1_000_000n) + 2500;
    assert.deepEqual([...(await scanned(store, { fromMs, toMs: fromMs + 10_000 })).keys()], [sampleTraceId(3)]);
    await store.close();
    await store.close();
    await assert.rejects(store.consumeTraces(sampleTrace(9)), RetryableError);
  });

  test('has everything after a restart, and merges small segments', async () => {
    const directory = openMemoryDirectory();
    let store = await open(directory);
    for (let number = 0; number < 20; number++) {
      await store.consumeTraces(sampleTrace(number, 'root'));
      if (number % 2 === 0) await store.flush();
      await store.consumeTraces(sampleTrace(number, 'rest'));
    }
    assert.ok(store.stats.compactions > 0);
    assert.ok(store.segmentCount < 10);
    await store.close();
    store = await open(directory);
    const seen = await scanned(store);
    assert.equal(seen.size, 20);
    assert.deepEqual(new Set(seen.values()), new Set([5]));
    for (let number = 0; number < 20; number++) assert.deepEqual(await spanNames(store, number), ALL_NAMES);
    const tags = await store.tags(EVERYTHING);
    assert.deepEqual([...tags.values('resource', 'service.name').values.get('string')!].sort(), [
      'mario-pizzeria',
      'payment',
    ]);
    await store.close();
  });

  test('drops what retention says', async () => {
    const clock = new FakeClock();
    const store = await open(openMemoryDirectory(), { clock, retention: { ageMsMax: 60_000, sizeBytesMax: 0 } });
    await store.consumeTraces(sampleTrace(1));
    await store.flush();
    await store.consumeTraces(sampleTrace(100));
    await store.flush();
    assert.equal(store.segmentCount, 2);
    await clock.advance(120_000);
    await store.flush();
    assert.deepEqual([...(await scanned(store)).keys()], [sampleTraceId(100)]);
    assert.equal(store.stats.segmentsDeleted, 1);
    await store.close();
  });

  test('a full disk refuses spans, loses none, and sealing goes on later', async () => {
    const plan = new FaultPlan();
    const inner = openMemoryDirectory();
    const store = await open(faultDirectory(inner, plan));
    await store.consumeTraces(sampleTrace(1));
    plan.fillDisk();
    await assert.rejects(store.consumeTraces(sampleTrace(2)), RetryableError);
    await store.flush();
    assert.equal(store.stats.sealFailures, 1);
    assert.deepEqual(await spanNames(store, 1), ALL_NAMES);
    plan.freeSpace();
    await store.consumeTraces(sampleTrace(2));
    await store.flush();
    assert.equal(store.segmentCount, 2);
    await store.close();
    const again = await open(inner);
    for (const number of [1, 2]) assert.deepEqual(await spanNames(again, number), ALL_NAMES);
    await again.close();
  });

  test('a damaged segment is set aside and the store starts', async () => {
    const directory = openMemoryDirectory();
    const store = await open(directory);
    await store.consumeTraces(sampleTrace(1));
    await store.flush();
    await store.consumeTraces(sampleTrace(2));
    await store.close();
    const segments = await directory.subdirectory('segments');
    const [name] = await segments.list();
    const bytes = await segments.read(name!);
    await segments.writeAtomic(name!, [bytes.subarray(0, bytes.length - 1)]);
    const again = await open(directory);
    assert.equal(again.stats.corruptSegments, 1);
    assert.equal(await spanNames(again, 1), undefined);
    assert.deepEqual(await spanNames(again, 2), ALL_NAMES);
    await again.close();
  });

  test('killed at random moments, every acknowledged trace is there, each span once', async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed} (MARIO_SEED=${seed} repeats it)`);
    const random = seededRandom(seed);
    const script = fileURLToPath(new URL('../testing/store-crash-child.ts', import.meta.url));
    await withTemporaryFolder(async (path) => {
      const acknowledged: number[] = [];
      for (let round = 0; round < 4; round++) {
        const args = [path, String(round * 100_000)];
        const run = await runUntilKilled({ script, args, random, livesMsMax: 250 });
        acknowledged.push(...run.acknowledged.map(Number));
      }
      const store = await open(await openDiskDirectory(path), { clock: systemClock });
      for (const number of acknowledged) assert.deepEqual(await spanNames(store, number), ALL_NAMES, `trace ${number}`);
      const seen = await scanned(store);
      for (const number of acknowledged) assert.equal(seen.get(sampleTraceId(number)), 5);
      t.diagnostic(`${acknowledged.length} traces acknowledged, ${store.segmentCount} segments`);
      await store.close();
    });
  });
});
