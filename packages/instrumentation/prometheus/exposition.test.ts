import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InstrumentRegistry } from '../metrics/registry.ts';
import { formatExposition } from './exposition.ts';

const base = { attributes: {} };
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };

async function sample(): Promise<ResourceMetrics> {
  const registry = new InstrumentRegistry();
  registry
    .counter({ ...base, name: 'orders', kind: 'counter', unit: '{order}', meaning: 'Orders "placed"\nso far' })
    .bind({ 'pizza.name': 'Quattro "F"\\\n' })
    .add(3, span);
  const histogram = registry.histogram({
    ...base,
    name: 'wait',
    kind: 'histogram',
    unit: 's',
    meaning: 'Wait',
    boundaries: [0.5, 5],
  });
  histogram.bind().record(2, span);
  histogram.bind().record(7);
  registry.gauge({ ...base, name: 'load', kind: 'gauge', unit: '1', meaning: 'Load' }).record(Number.POSITIVE_INFINITY);
  const { resourceMetrics } = await registry.collect();
  return { resource: resourceFromAttributes({ 'service.name': 'mario' }), scopeMetrics: resourceMetrics.scopeMetrics };
}

test('text 0.0.4', async () => {
  assert.equal(
    formatExposition(await sample(), 'text'),
    [
      '# HELP target_info Target metadata',
      '# TYPE target_info gauge',
      'target_info{service_name="mario"} 1',
      '# HELP orders_total Orders "placed"\\nso far',
      '# TYPE orders_total counter',
      'orders_total{pizza_name="Quattro \\"F\\"\\\\\\n"} 3',
      '# HELP wait_seconds Wait',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{le="0.5"} 0',
      'wait_seconds_bucket{le="5"} 1',
      'wait_seconds_bucket{le="+Inf"} 2',
      'wait_seconds_sum 9',
      'wait_seconds_count 2',
      '# HELP load_ratio Load',
      '# TYPE load_ratio gauge',
      'load_ratio +Inf',
      '',
    ].join('\n'),
  );
});

test('OpenMetrics 1.0 with exemplars', async () => {
  const page = formatExposition(await sample(), 'openmetrics').replaceAll(/ \d+\.\d+$/gm, ' TIME');
  const exemplar = `{trace_id="${span.traceId}",span_id="${span.spanId}"}`;
  assert.equal(
    page,
    [
      '# TYPE target info',
      '# HELP target Target metadata',
      'target_info{service_name="mario"} 1',
      '# TYPE orders counter',
      '# HELP orders Orders \\"placed\\"\\nso far',
      `orders_total{pizza_name="Quattro \\"F\\"\\\\\\n"} 3 # ${exemplar} 3 TIME`,
      '# TYPE wait_seconds histogram',
      '# UNIT wait_seconds seconds',
      '# HELP wait_seconds Wait',
      'wait_seconds_bucket{le="0.5"} 0',
      `wait_seconds_bucket{le="5.0"} 1 # ${exemplar} 2 TIME`,
      'wait_seconds_bucket{le="+Inf"} 2',
      'wait_seconds_sum 9',
      'wait_seconds_count 2',
      '# TYPE load_ratio gauge',
      '# UNIT load_ratio ratio',
      '# HELP load_ratio Load',
      'load_ratio +Inf',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('two instruments that would become one family: the first keeps the name', async () => {
  const registry = new InstrumentRegistry();
  registry.counter({ ...base, name: 'a.b', kind: 'counter', unit: '', meaning: '1' }).add(1);
  registry.counter({ ...base, name: 'a_b', kind: 'counter', unit: '', meaning: '2' }).add(2);
  const { resourceMetrics } = await registry.collect();
  const page = formatExposition(resourceMetrics, 'text');
  assert.equal(page.match(/^a_b_total /gm)?.length, 1);
});
