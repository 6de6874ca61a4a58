import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { recordFlagEvaluation } from './feature-flag.ts';
import { instrumentOperation } from './operation.ts';
import { configureTelemetry, type Telemetry } from './telemetry.ts';

const exporter = new InMemorySpanExporter();
const FLAG = { 'feature_flag.key': 'slow-oven', 'feature_flag.result.variant': 'on' };
let telemetry: Telemetry;

before(() => {
  telemetry = configureTelemetry({
    serviceName: 'test',
    environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
});
after(() => telemetry.shutdown());
beforeEach(() => exporter.reset());

const flagged = () =>
  exporter.getFinishedSpans().map(({ name, events }) => [name, events.map((event) => [event.name, event.attributes])]);

test('an evaluation is an event of the span in which the flag acts', async () => {
  await instrumentOperation({ operation: 'command', type: 'CompleteOrderCommand' }, () => {
    recordFlagEvaluation('feature_flag.evaluation', FLAG);
  });
  assert.deepEqual(flagged(), [['CompleteOrderCommand', [['feature_flag.evaluation', FLAG]]]]);
});

test('where nothing is traced it has a short trace of its own', () => {
  recordFlagEvaluation('feature_flag.evaluation', FLAG);
  context.with(suppressTracing(context.active()), () => recordFlagEvaluation('feature_flag.evaluation', FLAG));
  const own = ['feature_flag.evaluation', [['feature_flag.evaluation', FLAG]]];
  assert.deepEqual(flagged(), [own, own]);
});
