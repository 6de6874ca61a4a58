import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TraceFlags } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { type ExemplarPoint, exemplarsOf } from './exemplar.ts';
import { CELLS_PER_INSTRUMENT_MAX } from './instrument.ts';
import type { InstrumentDefinition } from './instrument-definition.ts';
import { InstrumentRegistry } from './registry.ts';

const base = { unit: '1', meaning: 'test', attributes: {} };
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };

async function collected(registry: InstrumentRegistry) {
  const { resourceMetrics } = await registry.collect();
  return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
}

test('the same attributes in any order are one cell', () => {
  const counter = new InstrumentRegistry().counter({ ...base, name: 'c', kind: 'counter' });
  counter.add(1, { a: 1, b: 'x' });
  counter.add(2, { b: 'x', a: 1 });
  assert.equal(counter.bind({ a: 1, b: 'x' }).value, 3);
  assert.notEqual(counter.bind({ a: 1, b: 'x' }), counter.bind({ a: '1x' }));
});

test('a counter takes no negative increments', () => {
  const counter = new InstrumentRegistry().counter({ ...base, name: 'c', kind: 'counter' });
  counter.add(5);
  counter.add(-1);
  counter.add(Number.NaN);
  assert.equal(counter.bind().value, 5);
});

test('upper bounds are inclusive and exemplars stand in the bucket of their value', async () => {
  const registry = new InstrumentRegistry();
  const histogram = registry.histogram({ ...base, name: 'h', kind: 'histogram', boundaries: [1, 5] });
  const cell = histogram.bind({ route: '/' });
  cell.record(1, span);
  cell.record(5);
  cell.record(5.1, span);
  const [metric] = await collected(registry);
  assert.equal(metric?.dataPointType, DataPointType.HISTOGRAM);
  const point = metric!.dataPoints[0] as ExemplarPoint<{ buckets: { counts: number[] }; sum: number }>;
  assert.deepEqual(point.value.buckets.counts, [1, 1, 1]);
  assert.equal(point.value.sum, 11.1);
  assert.deepEqual(
    exemplarsOf(point).map((exemplar) => exemplar?.value),
    [1, undefined, 5.1],
  );
});

test('cells that were bound and never used are not exported', async () => {
  const registry = new InstrumentRegistry();
  registry.counter({ ...base, name: 'c', kind: 'counter' }).bind({ a: 1 });
  registry.histogram({ ...base, name: 'h', kind: 'histogram' }).bind({ a: 1 });
  assert.deepEqual(await collected(registry), []);
});

test('too many attribute sets share one overflow cell, and nothing is lost of the sum', async () => {
  const registry = new InstrumentRegistry();
  const counter = registry.counter({ ...base, name: 'c', kind: 'counter' });
  for (let i = 0; i < CELLS_PER_INSTRUMENT_MAX + 10; i += 1) counter.add(1, { i });
  const [metric] = await collected(registry);
  const points = metric!.dataPoints as ExemplarPoint<number>[];
  assert.equal(points.length, CELLS_PER_INSTRUMENT_MAX + 1);
  assert.equal(points.find((point) => point.attributes['otel.metric.overflow'] === true)?.value, 10);
});

test('after a reset, cells that somebody holds start from zero', async () => {
  const registry = new InstrumentRegistry();
  const cell = registry.counter({ ...base, name: 'c', kind: 'counter' }).bind({ a: 1 });
  cell.add(7);
  registry.reset();
  assert.deepEqual(await collected(registry), []);
  cell.add(1);
  const [metric] = await collected(registry);
  assert.equal((metric!.dataPoints[0] as ExemplarPoint<number>).value, 1);
});

test('one name has one definition', () => {
  const registry = new InstrumentRegistry();
  const definition: InstrumentDefinition = { ...base, name: 'c', kind: 'counter' };
  assert.equal(registry.counter(definition), registry.counter(definition));
  assert.throws(() => registry.counter({ ...definition }), /BUG: instrument c is defined twice/);
  assert.throws(() => registry.gauge(definition), /BUG: c is a counter/);
});
