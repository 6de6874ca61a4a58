import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSpanContextValid, TraceFlags } from '@opentelemetry/api';
import { newSpanId, newTraceId } from './span-id.ts';

test('ids are valid and do not repeat', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 10_000; i += 1) {
    const ids = { traceId: newTraceId(), spanId: newSpanId() };
    assert.ok(isSpanContextValid({ ...ids, traceFlags: TraceFlags.SAMPLED }), JSON.stringify(ids));
    seen.add(ids.traceId).add(ids.spanId);
  }
  assert.equal(seen.size, 20_000);
});

test('every digit of every place occurs', () => {
  const ids = Array.from({ length: 2_000 }, newTraceId);
  for (let place = 0; place < 31; place += 1) {
    assert.equal(new Set(ids.map((id) => id[place])).size, 16, `place ${place}`);
  }
});
