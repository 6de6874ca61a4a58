// Random batches with everything that the model can hold, for round trips and fuzzing.
import { type AttributesInput, double, type ValueInput } from '../build/attribute-input.ts';
import { LogBatchBuilder } from '../build/log-batch-builder.ts';
import { type ExemplarInput, MetricBatchBuilder } from '../build/metric-batch-builder.ts';
import { SpanBatchBuilder } from '../build/span-batch-builder.ts';
import type { LogBatch } from '../model/logs.ts';
import type { MetricBatch } from '../model/metrics.ts';
import type { SpanBatch } from '../model/spans.ts';
import type { Random } from './random.ts';

const words = [
  'http.request.method', 'GET', 'POST', 'pizza', 'größe', 'margherita 🍕', 'a', 'ab', 'abc', 'abcd', 'abcde',
  'service.name', 'mario-pizzeria', '日本語のピザ', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(200), 'y'.repeat(300),
] as const; // biome-ignore format: a table of words

const doubles = [0, -0, 1, -1, 0.1, 1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const integers = [0n, 1n, -1n, 127n, 128n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n];

export function randomSpans(random: Random, count: number): SpanBatch {
  const builder = new SpanBatchBuilder();
  for (let i = 0; i < count; i++) {
    origin(random, builder);
    builder.span({
      traceId: random.bytes(16),
      spanId: random.bytes(8),
      parentSpanId: random.chance(0.5) ? random.bytes(8) : undefined,
      traceState: text(random),
      flags: random.int(2 ** 32),
      name: text(random),
      kind: random.int(6) as 0,
      startNs: time(random),
      endNs: time(random),
      status: random.int(3) as 0,
      statusMessage: text(random),
      attributes: attributes(random),
      droppedAttributes: random.int(300),
      events: list(random, () => ({
        timeNs: time(random),
        name: text(random),
        attributes: attributes(random),
        dropped: random.int(3),
      })),
      droppedEvents: random.int(3),
      links: list(random, () => ({
        traceId: random.bytes(16),
        spanId: random.bytes(8),
        traceState: text(random),
        flags: random.int(512),
        attributes: attributes(random),
        dropped: random.int(3),
      })),
      droppedLinks: random.int(3),
    });
  }
  return builder.build();
}

export function randomLogs(random: Random, count: number): LogBatch {
  const builder = new LogBatchBuilder();
  for (let i = 0; i < count; i++) {
    origin(random, builder);
    builder.log({
      timeNs: time(random),
      observedNs: time(random),
      severityNumber: random.int(25),
      severityText: text(random),
      body: value(random, 0),
      attributes: attributes(random),
      droppedAttributes: random.int(3),
      traceId: random.chance(0.5) ? random.bytes(16) : undefined,
      spanId: random.chance(0.5) ? random.bytes(8) : undefined,
      flags: random.int(512),
      eventName: text(random),
    });
  }
  return builder.build();
}

/** Every metric has at least one point: one without is left out when it is encoded. */
export function randomMetrics(random: Random, count: number): MetricBatch {
  const builder = new MetricBatchBuilder();
  for (let i = 0; i < count; i++) {
    origin(random, builder);
    const metric = {
      name: text(random),
      description: text(random),
      unit: text(random),
      metadata: attributes(random),
      temporality: random.pick(['unspecified', 'delta', 'cumulative'] as const),
      monotonic: random.chance(0.5),
    };
    const kind = random.int(5);
    if (kind === 0) builder.gauge(metric, points(random, numberPoint));
    else if (kind === 1) builder.sum(metric, points(random, numberPoint));
    else if (kind === 2) builder.histogram(metric, points(random, histogramPoint));
    else if (kind === 3) builder.exponentialHistogram(metric, points(random, exponentialPoint));
    else builder.summary(metric, points(random, summaryPoint));
  }
  return builder.build();
}

function origin(random: Random, builder: SpanBatchBuilder | LogBatchBuilder | MetricBatchBuilder): void {
  if (random.chance(0.3)) builder.resource(attributes(random), { schemaUrl: text(random), dropped: random.int(3) });
  if (random.chance(0.3)) {
    builder.scope(text(random), text(random), {
      attributes: attributes(random),
      schemaUrl: text(random),
      dropped: random.int(3),
    });
  }
}

function point(random: Random) {
  return {
    startNs: time(random),
    timeNs: time(random),
    attributes: attributes(random),
    flags: random.int(2),
  };
}

function numberPoint(random: Random) {
  return { ...point(random), value: number(random), exemplars: list(random, () => exemplar(random)) };
}

function distribution(random: Random) {
  return {
    ...point(random),
    count: random.int(2 ** 32) * 1024,
    ...(random.chance(0.5) ? { sum: random.pick(doubles) } : {}),
    ...(random.chance(0.5) ? { min: random.pick(doubles) } : {}),
    ...(random.chance(0.5) ? { max: random.pick(doubles) } : {}),
    exemplars: list(random, () => exemplar(random)),
  };
}

function histogramPoint(random: Random) {
  const bounds = list(random, () => random.pick(doubles));
  const buckets = bounds.length === 0 ? [] : [...bounds, 0].map(() => random.int(1e6));
  return { ...distribution(random), bounds, buckets };
}

function exponentialPoint(random: Random) {
  const buckets = () => ({ first: random.int(400) - 200, counts: list(random, () => random.int(2 ** 32) * 4096) });
  return {
    ...distribution(random),
    scale: random.int(30) - 10,
    zeroCount: random.int(100),
    zeroThreshold: random.next(),
    positive: buckets(),
    negative: buckets(),
  };
}

function summaryPoint(random: Random) {
  const quantiles = list(random, () => ({ quantile: random.next(), value: random.pick([0, 1, 2.5, Number.NaN]) }));
  return { ...point(random), count: random.int(1e6), sum: random.next(), quantiles };
}

function exemplar(random: Random): ExemplarInput {
  return {
    timeNs: time(random),
    value: number(random),
    traceId: random.bytes(16),
    spanId: random.bytes(8),
    attributes: attributes(random),
  };
}

function number(random: Random): number | bigint | undefined {
  if (random.chance(0.1)) return undefined;
  return random.chance(0.5) ? random.pick(doubles) : random.pick(integers);
}

function points<T>(random: Random, make: (random: Random) => T): T[] {
  return Array.from({ length: 1 + random.int(3) }, () => make(random));
}

function list<T>(random: Random, make: () => T): T[] {
  return random.chance(0.5) ? [] : Array.from({ length: 1 + random.int(4) }, make);
}

function text(random: Random): string {
  return random.chance(0.2) ? '' : random.pick(words);
}

function time(random: Random): bigint {
  return random.chance(0.1) ? 0n : random.bigint64();
}

function attributes(random: Random): AttributesInput {
  const map = new Map<string, ValueInput>();
  for (let i = random.int(5); i > 0; i--) map.set(random.pick(words), value(random, 0));
  return map;
}

function value(random: Random, depth: number): ValueInput {
  switch (random.int(depth > 3 ? 6 : 8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(integers);
    case 3:
      return double(random.pick(doubles));
    case 4:
      return random.bytes(random.int(20));
    case 6:
      return Array.from({ length: random.int(4) }, () => value(random, depth + 1));
    case 7:
      return new Map(Array.from({ length: random.int(4) }, () => [random.pick(words), value(random, depth + 1)]));
    default:
      return random.pick(words);
  }
}
