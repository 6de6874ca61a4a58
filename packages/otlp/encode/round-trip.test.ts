// What is encoded is decoded to the same, in protobuf and in JSON, over generated batches of everything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLogsJson, decodeMetricsJson, decodeSpansJson } from '../decode/json-decoder.ts';
import { decodeLogs } from '../decode/log-decoder.ts';
import { decodeMetrics } from '../decode/metric-decoder.ts';
import { decodeSpans } from '../decode/span-decoder.ts';
import { randomLogs, randomMetrics, randomSpans } from '../testing/generate.ts';
import { plainBatch } from '../testing/plain.ts';
import { Random } from '../testing/random.ts';
import { encodeLogsJson, encodeSpansJson } from './json-encoder.ts';
import { encodeMetricsJson } from './json-metrics.ts';
import { encodeLogs } from './log-encoder.ts';
import { encodeMetrics } from './metric-encoder.ts';
import { encodeSpans } from './span-encoder.ts';

const rounds = 60;

function eachSeed(run: (random: Random) => void): void {
  const first = Number(process.env.FUZZ_SEED ?? 1);
  for (let seed = first; seed < first + rounds; seed++) {
    try {
      run(new Random(seed));
    } catch (error) {
      throw new Error(`seed ${seed} (repeat with FUZZ_SEED=${seed})`, { cause: error });
    }
  }
}

test('spans survive protobuf and JSON', () => {
  eachSeed((random) => {
    const batch = randomSpans(random, random.int(20));
    const bytes = encodeSpans(batch);
    const decoded = decodeSpans(bytes);
    assert.deepEqual(plainBatch(decoded), plainBatch(batch));
    assert.ok(encodeSpans(decoded).equals(bytes), 'encoding what was decoded gives the same bytes');
    assert.deepEqual(plainBatch(decodeSpansJson(encodeSpansJson(batch))), plainBatch(batch), 'JSON says the same');
  });
});

test('log records survive protobuf and JSON', () => {
  eachSeed((random) => {
    const batch = randomLogs(random, random.int(20));
    const bytes = encodeLogs(batch);
    const decoded = decodeLogs(bytes);
    assert.deepEqual(plainBatch(decoded), plainBatch(batch));
    assert.ok(encodeLogs(decoded).equals(bytes), 'encoding what was decoded gives the same bytes');
    assert.deepEqual(plainBatch(decodeLogsJson(encodeLogsJson(batch))), plainBatch(batch), 'JSON says the same');
  });
});

test('metrics survive protobuf and JSON', () => {
  eachSeed((random) => {
    const batch = randomMetrics(random, random.int(20));
    const bytes = encodeMetrics(batch);
    const decoded = decodeMetrics(bytes);
    assert.deepEqual(plainBatch(decoded), plainBatch(batch));
    assert.equal(decoded.count, batch.count);
    assert.ok(encodeMetrics(decoded).equals(bytes), 'encoding what was decoded gives the same bytes');
    assert.deepEqual(plainBatch(decodeMetricsJson(encodeMetricsJson(batch))), plainBatch(batch), 'JSON says the same');
  });
});
