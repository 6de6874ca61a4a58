import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TraceFlags } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { DataPoint, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InstrumentRegistry } from '../metrics/registry.ts';
import { decode } from '../testing/protobuf-tree.ts';
import { countPoints, encodeMetrics } from './metrics-encoder.ts';

const base = { attributes: {} };

async function sample(withExemplars: boolean): Promise<ResourceMetrics> {
  const span = { traceId: '0123456789abcdef'.repeat(2), spanId: 'fedcba9876543210', traceFlags: TraceFlags.SAMPLED };
  const registry = new InstrumentRegistry();
  const cell = registry.counter({ ...base, name: 'orders', kind: 'counter', unit: '{order}', meaning: 'Orders' });
  cell.bind({ pizza: 'Margherita ✓', paid: true, size: -3, share: 0.25, tags: ['a', 'b'], none: '' }).add(3, span);
  const histogram = registry.histogram({
    ...base,
    name: 'wait',
    kind: 'histogram',
    unit: 's',
    meaning: 'Wait',
    boundaries: [0.5, 5],
  });
  for (let i = 0; i < 300; i += 1) histogram.bind({ i }).record(i, span);
  registry.gauge({ ...base, name: 'load', kind: 'gauge', unit: '1', meaning: 'Load', whole: false }).record(0.5);
  registry.upDownCounter({ ...base, name: 'active', kind: 'upDownCounter', unit: '', meaning: 'Active' }).add(-2);
  const { resourceMetrics } = await registry.collect();
  const data = {
    resource: resourceFromAttributes({ 'service.name': 'mario' }),
    scopeMetrics: resourceMetrics.scopeMetrics,
  };
  if (!withExemplars) {
    for (const metric of data.scopeMetrics[0]!.metrics) {
      for (const point of metric.dataPoints as (DataPoint<unknown> & { exemplars?: unknown })[]) delete point.exemplars;
    }
  }
  return data;
}

test('says what the official serialiser says, exemplars apart', async () => {
  const data = await sample(false);
  assert.deepEqual(decode(encodeMetrics(data)), decode(ProtobufMetricsSerializer.serializeRequest(data)!));
});

test('carries the exemplars', async () => {
  const data = await sample(true);
  const bytes = Buffer.from(encodeMetrics(data));
  const ids = Buffer.from(`2a10${'0123456789abcdef'.repeat(2)}`, 'hex');
  assert.ok(bytes.includes(ids), 'field 5 of an exemplar is the trace id');
  assert.ok(bytes.includes(Buffer.from('2208fedcba9876543210', 'hex')), 'field 4 is the span id');
  assert.equal(countPoints(data), 303);
});
