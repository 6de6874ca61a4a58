// What the official JavaScript SDK puts on the wire is read as it was meant, in protobuf and in JSON.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { attributeMap } from '../model/attributes.ts';
import { traceIdHex } from '../model/id.ts';
import { anyValue } from '../model/value.ts';
import { plainBatch } from '../testing/plain.ts';
import { decodeLogsJson, decodeMetricsJson, decodeSpansJson } from './json-decoder.ts';
import { decodeLogs } from './log-decoder.ts';
import { decodeMetrics } from './metric-decoder.ts';
import { decodeSpans } from './span-decoder.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const resource = {
  attributes: { 'service.name': 'mario-pizzeria', port: 8080, share: 0.25 },
  schemaUrl: 'https://schema',
};
const instrumentationScope = { name: 'mario', version: '1.2.3', schemaUrl: 'https://scope' };
const attributes = {
  method: 'GET',
  größe: 'größe 🍕',
  count: 3,
  ratio: 0.5,
  negative: -7,
  yes: true,
  list: ['a', 'b'],
  numbers: [1, 2.5],
};
const context = { traceId, spanId, traceFlags: 1, traceState: { serialize: () => 'a=b' } };

type Serialized<S extends { serializeRequest(request: never): Uint8Array | undefined }> = Parameters<
  S['serializeRequest']
>[0];

test('spans', () => {
  const span = {
    name: 'GET /api/menu/',
    kind: 1,
    spanContext: () => context,
    parentSpanContext: { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true },
    startTime: [1_700_000_000, 123_456_789],
    endTime: [1_700_000_001, 1],
    status: { code: 2, message: 'oven cold' },
    attributes,
    links: [{ context, attributes: { a: 'b' } }],
    events: [{ name: 'exception', time: [1_700_000_000, 5], attributes: { type: 'E' } }],
    resource,
    instrumentationScope,
    droppedAttributesCount: 1,
    droppedEventsCount: 2,
    droppedLinksCount: 3,
  };
  const request = [span, { ...span, parentSpanContext: undefined }] as unknown as Serialized<
    typeof ProtobufTraceSerializer
  >;
  const batch = decodeSpans(ProtobufTraceSerializer.serializeRequest(request)!);
  assert.deepEqual(plainBatch(decodeSpansJson(text(JsonTraceSerializer.serializeRequest(request)))), plainBatch(batch));
  assert.equal(batch.count, 2);
  assert.equal(traceIdHex(batch.traceIds, 1), traceId);
  assert.equal(batch.strings[batch.name[0]!], 'GET /api/menu/');
  assert.deepEqual([batch.kind[0], batch.statusCode[0], batch.startNs[0]], [2, 2, 1_700_000_000_123_456_789n]);
  assert.deepEqual(
    [...batch.parentSpanIds.subarray(8)],
    Array.from({ length: 8 }, () => 0),
  );
  const read = attributeMap(batch.attributes, 1);
  assert.deepEqual(read.get('count'), 3n);
  assert.deepEqual(read.get('negative'), -7n);
  assert.deepEqual(read.get('größe'), 'größe 🍕');
  assert.deepEqual(read.get('list'), ['a', 'b']);
  assert.deepEqual(batch.events.offsets, new Uint32Array([0, 1, 2]));
  assert.equal(batch.strings[batch.links.traceState[0]!], 'a=b');
});

test('log records', () => {
  const record = {
    hrTime: [1_700_000_000, 7],
    hrTimeObserved: [1_700_000_000, 9],
    severityNumber: 17,
    severityText: 'ERROR',
    body: { nested: ['oven', 1, null, { deep: true }] },
    eventName: 'oven.cold',
    attributes,
    droppedAttributesCount: 4,
    spanContext: context,
    resource,
    instrumentationScope,
  };
  const request = [record, { ...record, body: 'plain', spanContext: undefined }] as unknown as Serialized<
    typeof ProtobufLogsSerializer
  >;
  const batch = decodeLogs(ProtobufLogsSerializer.serializeRequest(request)!);
  assert.deepEqual(plainBatch(decodeLogsJson(text(JsonLogsSerializer.serializeRequest(request)))), plainBatch(batch));
  assert.deepEqual(anyValue(batch.body, 1), 'plain');
  assert.deepEqual(anyValue(batch.body, 0), new Map([['nested', ['oven', 1n, null, new Map([['deep', true]])]]]));
  assert.deepEqual(
    [batch.severityNumber[0], batch.timeNs[0], batch.observedNs[0]],
    [17, 1_700_000_000_000_000_007n, 1_700_000_000_000_000_009n],
  );
});

test('metrics', () => {
  const point = (value: unknown) => ({ attributes, startTime: [1_700_000_000, 0], endTime: [1_700_000_015, 0], value });
  const metric = (name: string, dataPointType: DataPointType, value: unknown, more = {}) => ({
    descriptor: { name, description: 'd', unit: 'ms', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType,
    dataPoints: [point(value)],
    ...more,
  });
  const buckets = (offset: number) => ({ offset, bucketCounts: [1, 0, 2] });
  const request = {
    resource,
    scopeMetrics: [
      {
        scope: instrumentationScope,
        metrics: [
          metric('sum', DataPointType.SUM, 5.5, { isMonotonic: true }),
          metric('gauge', DataPointType.GAUGE, -1),
          metric('histogram', DataPointType.HISTOGRAM, {
            buckets: { boundaries: [5, 10], counts: [1, 2, 3] },
            count: 6,
            sum: 40,
            min: 1,
            max: 30,
          }),
          metric('exponential', DataPointType.EXPONENTIAL_HISTOGRAM, {
            count: 9,
            sum: 3.5,
            scale: -2,
            zeroCount: 1,
            positive: buckets(-3),
            negative: buckets(4),
            min: 0,
            max: 2,
          }),
        ],
      },
    ],
  } as unknown as Serialized<typeof ProtobufMetricsSerializer>;
  const batch = decodeMetrics(ProtobufMetricsSerializer.serializeRequest(request)!);
  assert.deepEqual(
    plainBatch(decodeMetricsJson(text(JsonMetricsSerializer.serializeRequest(request)))),
    plainBatch(batch),
  );
  assert.deepEqual([batch.count, batch.metrics.count, batch.metrics.monotonic[0]], [4, 4, 1]);
  assert.deepEqual([...batch.metrics.temporality], [2, 0, 2, 2]);
  assert.deepEqual([...batch.histograms.buckets], [1, 2, 3]);
  assert.deepEqual([...batch.histograms.bounds], [5, 10]);
  assert.deepEqual(
    [batch.exponentials.scale[0], batch.exponentials.positive.first[0], batch.exponentials.negative.first[0]],
    [-2, -3, 4],
  );
});

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes!).toString();
}
